namespace OrleansPatterns.Sagas;

/// <summary>What an operator wants done.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaIntervention")]
public sealed record SagaIntervention
{
    internal const int MaxByLength = 200;
    internal const int MaxReasonLength = 1000;

    /// <summary>What.</summary>
    [Id(0)]
    public required SagaInterventionKind Kind { get; init; }

    /// <summary>Who: 1 to 200 characters. Kept in the history.</summary>
    [Id(1)]
    public required string By { get; init; }

    /// <summary>Why: 1 to 1,000 characters. Kept in the history.</summary>
    [Id(2)]
    public required string Reason { get; init; }

    /// <summary><see cref="SagaInterventionKind.Skip"/>: the step. Otherwise <see langword="null"/>.</summary>
    [Id(3)]
    public string? Step { get; init; }

    /// <summary>Tells a repeated call from a second intervention; empty: the call is not repeated.</summary>
    [Id(4)]
    public Guid Id { get; init; }
}
