namespace OrleansPatterns.Sagas;

/// <summary>The answer to a <see cref="SagaIntervention"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaInterventionReply")]
public sealed record SagaInterventionReply
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required SagaInterventionOutcome Outcome { get; init; }

    /// <summary>The saga afterwards; <see langword="null"/>: there is none.</summary>
    [Id(1)]
    public SagaStatus? Status { get; init; }

    /// <summary><see cref="SagaInterventionOutcome.Refused"/>: why; otherwise <see langword="null"/>.</summary>
    [Id(2)]
    public string? Fault { get; init; }
}
