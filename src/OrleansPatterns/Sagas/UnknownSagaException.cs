namespace OrleansPatterns.Sagas;

/// <summary>The silo that was to run the saga has no definition of this name. Nothing was written.</summary>
[GenerateSerializer, Alias("OrleansPatterns.UnknownSagaException")]
public sealed class UnknownSagaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="definition">The name that was asked for.</param>
    /// <param name="innerException">Why no silo could be asked; <see langword="null"/> (default): one was.</param>
    public UnknownSagaException(string definition, Exception? innerException = null)
        : base(
            $"No saga definition named '{definition}' is registered on the silo that was asked. Call AddSaga on every silo that is to run sagas, "
            + "the same ones on each, or correct the name with [SagaName].",
            innerException) => Definition = definition;

    /// <summary>The name that was asked for.</summary>
    [Id(0)]
    public string Definition { get; }
}
