namespace OrleansPatterns.CircuitBreakers;

/// <summary>The part of <see cref="CircuitBreakerOptions"/> that the cluster's decision needs.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerSettings")]
public sealed record BreakerSettings
{
    /// <inheritdoc cref="CircuitBreakerOptions.FailureRatio"/>
    [Id(0)]
    public required double FailureRatio { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.MinimumThroughput"/>
    [Id(1)]
    public required int MinimumThroughput { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.SamplingDuration"/>
    [Id(2)]
    public required TimeSpan SamplingDuration { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.BreakDuration"/>
    [Id(3)]
    public required TimeSpan BreakDuration { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.MaxBreakDuration"/>
    [Id(4)]
    public required TimeSpan MaxBreakDuration { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.SuccessfulProbes"/>
    [Id(5)]
    public required int SuccessfulProbes { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.ProbeLease"/>
    [Id(6)]
    public required TimeSpan ProbeLease { get; init; }

    internal static BreakerSettings From(CircuitBreakerOptions options) => new()
    {
        FailureRatio = options.FailureRatio,
        MinimumThroughput = options.MinimumThroughput,
        SamplingDuration = options.SamplingDuration,
        BreakDuration = options.BreakDuration,
        MaxBreakDuration = options.MaxBreakDuration,
        SuccessfulProbes = options.SuccessfulProbes,
        ProbeLease = options.ProbeLease,
    };
}
