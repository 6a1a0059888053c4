namespace OrleansPatterns.Sagas;

/// <summary>No saga with this id was ever started.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaNotFoundException")]
public sealed class SagaNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    public SagaNotFoundException(string sagaId)
        : base($"There is no saga '{sagaId}'. Start it first, or correct the id: ids are compared character by character.") =>
        SagaId = sagaId;

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }
}
