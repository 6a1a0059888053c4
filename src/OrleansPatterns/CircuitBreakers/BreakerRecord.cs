namespace OrleansPatterns.CircuitBreakers;

/// <summary>What is durable of a breaker. No instants: a breaker that was open when its silo died stays open for one whole break more.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerRecord")]
internal sealed record BreakerRecord
{
    [Id(0)]
    public BreakerState State { get; init; } = BreakerState.Closed;

    [Id(1)]
    public long Generation { get; init; }

    /// <summary>The length of the present break.</summary>
    [Id(2)]
    public TimeSpan BreakDuration { get; init; }

    /// <summary>How often a probe has failed since the breaker was closed.</summary>
    [Id(3)]
    public int Reopenings { get; init; }

    [Id(4)]
    public string? Reason { get; init; }
}
