namespace OrleansPatterns.Sagas;

/// <summary>The answer to a <see cref="SagaStart"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaStartReply")]
public sealed record SagaStartReply
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required SagaStartOutcome Outcome { get; init; }

    /// <summary>The saga; <see langword="null"/> when there is none.</summary>
    [Id(1)]
    public SagaStatus? Status { get; init; }

    /// <summary><see cref="SagaStartOutcome.InvalidData"/>: what is wrong with it; otherwise <see langword="null"/>.</summary>
    [Id(2)]
    public string? Fault { get; init; }
}
