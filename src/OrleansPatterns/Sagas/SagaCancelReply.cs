namespace OrleansPatterns.Sagas;

/// <summary>The answer to a wish to cancel a saga.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaCancelReply")]
public sealed record SagaCancelReply
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required SagaCancelOutcome Outcome { get; init; }

    /// <summary>The saga afterwards; <see langword="null"/>: there is none.</summary>
    [Id(1)]
    public SagaStatus? Status { get; init; }

    /// <summary><see cref="SagaCancelOutcome.TooLate"/>: the pivot that it is past; <see langword="null"/>: it is at its end.</summary>
    [Id(2)]
    public string? Pivot { get; init; }
}
