namespace OrleansPatterns.CircuitBreakers;

/// <summary>What one caller has counted within the sampling duration.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerCallerStatus")]
public sealed record BreakerCallerStatus
{
    /// <summary>The caller's <see cref="CircuitBreakerOptions.CallerName"/>.</summary>
    [Id(0)]
    public required string Caller { get; init; }

    /// <summary>What the breaker does with this caller's calls.</summary>
    [Id(1)]
    public required BreakerState State { get; init; }

    /// <summary>How many calls succeeded.</summary>
    [Id(2)]
    public required int Successes { get; init; }

    /// <summary>How many calls failed.</summary>
    [Id(3)]
    public required int Failures { get; init; }

    /// <summary>How many of both were slow.</summary>
    [Id(4)]
    public required int SlowCalls { get; init; }
}
