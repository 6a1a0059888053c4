namespace OrleansPatterns.CircuitBreakers;

/// <summary>What the cluster has decided.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerSnapshot")]
public sealed record BreakerSnapshot
{
    /// <summary>The state.</summary>
    [Id(0)]
    public required BreakerState State { get; init; }

    /// <summary>Grows with each change of state; of two snapshots the one with the higher generation is the newer.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>For how long calls are still refused, counted from when this was sent. Zero unless open.</summary>
    [Id(2)]
    public TimeSpan OpenFor { get; init; }

    /// <summary>Why the breaker is not closed; <see langword="null"/> if it is.</summary>
    [Id(3)]
    public string? Reason { get; init; }
}
