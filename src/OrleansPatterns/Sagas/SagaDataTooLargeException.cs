namespace OrleansPatterns.Sagas;

/// <summary>A saga's data is larger than <see cref="SagaOptions.MaxDataBytes"/>.</summary>
/// <remarks>
/// From <see cref="ISagaClient.StartAsync"/>: nothing was sent or written. Inside a saga, when a step has made the data too large, it
/// counts as a failure of that attempt.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.SagaDataTooLargeException")]
public sealed class SagaDataTooLargeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The saga.</param>
    /// <param name="dataBytes">The size as UTF-8 JSON.</param>
    /// <param name="maxDataBytes">The bound.</param>
    public SagaDataTooLargeException(string sagaId, int dataBytes, int maxDataBytes)
        : base(
            $"The data of saga '{sagaId}' takes {dataBytes} bytes; SagaOptions.MaxDataBytes is {maxDataBytes}. "
            + "It is written with every step: keep large things elsewhere and their ids in the data.")
    {
        SagaId = sagaId;
        DataBytes = dataBytes;
        MaxDataBytes = maxDataBytes;
    }

    /// <summary>The saga.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>The size as UTF-8 JSON.</summary>
    [Id(1)]
    public int DataBytes { get; }

    /// <summary>The bound.</summary>
    [Id(2)]
    public int MaxDataBytes { get; }
}
