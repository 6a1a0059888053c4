namespace OrleansPatterns.CircuitBreakers;

/// <summary>A decision made by hand, which stands above what is counted. Durable, for the whole cluster.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerOverride")]
public sealed record BreakerOverride
{
    /// <summary>
    /// <see cref="BreakerState.Isolated"/>, <see cref="BreakerState.ForcedClosed"/>, <see cref="BreakerState.MetricsOnly"/> or
    /// <see cref="BreakerState.Disabled"/>.
    /// </summary>
    [Id(0)]
    public required BreakerState State { get; init; }

    /// <summary>Why, for people to read. 1 to 512 characters.</summary>
    [Id(1)]
    public required string Reason { get; init; }

    /// <summary>Who decided, for people to ask. 1 to 128 characters.</summary>
    /// <value>Default <see langword="null"/>: the name of the process that asks, if it asks through <see cref="ICircuitBreaker"/>.</value>
    [Id(2)]
    public string? Author { get; init; }

    /// <summary>For how long. After it the breaker is closed and counts anew.</summary>
    /// <remarks>A silo that takes the breaker over without knowing the cluster's clock counts it from the beginning: later, never earlier.</remarks>
    /// <value>Default <see langword="null"/>: until it is closed by hand. 1 second to 365 days.</value>
    [Id(3)]
    public TimeSpan? ExpiresAfter { get; init; }
}
