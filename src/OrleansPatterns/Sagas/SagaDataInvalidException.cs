namespace OrleansPatterns.Sagas;

/// <summary>The data that a saga was to be started with is not of the type that its definition has on the silos. Nothing was written.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaDataInvalidException")]
public sealed class SagaDataInvalidException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="definition">The definition.</param>
    /// <param name="fault">What is wrong with the data.</param>
    public SagaDataInvalidException(string sagaId, string definition, string fault)
        : base(
            $"The data of saga '{sagaId}' cannot be read by definition '{definition}': {fault} "
            + "Start it with the type that the definition is registered with on the silos.")
    {
        SagaId = sagaId;
        Definition = definition;
    }

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>The definition.</summary>
    [Id(1)]
    public string Definition { get; }
}
