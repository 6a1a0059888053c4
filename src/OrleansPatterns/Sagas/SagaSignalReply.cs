namespace OrleansPatterns.Sagas;

/// <summary>The answer to a <see cref="SagaSignal"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaSignalReply")]
public sealed record SagaSignalReply
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required SagaSignalOutcome Outcome { get; init; }

    /// <summary>The saga afterwards; <see langword="null"/>: there is none.</summary>
    [Id(1)]
    public SagaStatus? Status { get; init; }

    /// <summary>What is wrong with it; <see langword="null"/>: nothing.</summary>
    [Id(2)]
    public string? Fault { get; init; }
}
