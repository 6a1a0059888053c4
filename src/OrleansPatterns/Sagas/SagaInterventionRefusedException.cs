namespace OrleansPatterns.Sagas;

/// <summary>What an operator wanted does not fit where the saga stands. Nothing changed.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaInterventionRefusedException")]
public sealed class SagaInterventionRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="kind">What was wanted.</param>
    /// <param name="fault">Why not.</param>
    public SagaInterventionRefusedException(string sagaId, SagaInterventionKind kind, string fault)
        : base($"{kind} of saga '{sagaId}' is refused: {fault}")
    {
        SagaId = sagaId;
        Kind = kind;
    }

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>What was wanted.</summary>
    [Id(1)]
    public SagaInterventionKind Kind { get; }
}
