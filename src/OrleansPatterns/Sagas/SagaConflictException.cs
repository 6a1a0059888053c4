namespace OrleansPatterns.Sagas;

/// <summary>A saga with this id exists, and it was started with another definition or other data.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaConflictException")]
public sealed class SagaConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="definition">The definition that was to be started.</param>
    public SagaConflictException(string sagaId, string definition)
        : base(
            $"Saga '{sagaId}' exists already, with another definition than '{definition}' or with other data. "
            + "Use a new id for a new saga, and the same data to repeat a start.")
    {
        SagaId = sagaId;
        Definition = definition;
    }

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>The definition that was to be started.</summary>
    [Id(1)]
    public string Definition { get; }
}
