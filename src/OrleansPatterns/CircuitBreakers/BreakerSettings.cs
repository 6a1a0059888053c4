using System.Globalization;

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

    /// <inheritdoc cref="CircuitBreakerOptions.ConcurrentProbes"/>
    [Id(7)]
    public int ConcurrentProbes { get; init; } = 1;

    /// <inheritdoc cref="CircuitBreakerOptions.ConsecutiveFailures"/>
    [Id(8)]
    public int? ConsecutiveFailures { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.SlowCallDuration"/>
    [Id(9)]
    public TimeSpan? SlowCallDuration { get; init; }

    /// <inheritdoc cref="CircuitBreakerOptions.SlowCallRatio"/>
    [Id(10)]
    public double SlowCallRatio { get; init; } = 1;

    /// <inheritdoc cref="CircuitBreakerOptions.MinimumCallers"/>
    [Id(11)]
    public int MinimumCallers { get; init; } = 2;

    /// <inheritdoc cref="CircuitBreakerOptions.MaxCallerShare"/>
    [Id(12)]
    public double MaxCallerShare { get; init; } = 0.5;

    internal static BreakerSettings From(CircuitBreakerOptions options) => new()
    {
        FailureRatio = options.FailureRatio,
        MinimumThroughput = options.MinimumThroughput,
        SamplingDuration = options.SamplingDuration,
        BreakDuration = options.BreakDuration,
        MaxBreakDuration = options.MaxBreakDuration,
        SuccessfulProbes = options.SuccessfulProbes,
        ProbeLease = options.ProbeLease,
        ConcurrentProbes = options.ConcurrentProbes,
        ConsecutiveFailures = options.ConsecutiveFailures,
        SlowCallDuration = options.SlowCallDuration,
        SlowCallRatio = options.SlowCallRatio,
        MinimumCallers = options.MinimumCallers,
        MaxCallerShare = options.MaxCallerShare,
    };

    /// <summary>Names each setting that differs, with both values.</summary>
    internal string DifferencesFrom(BreakerSettings other)
    {
        return string.Join(", ", Compare());

        IEnumerable<string> Compare()
        {
            foreach (var property in typeof(BreakerSettings).GetProperties())
            {
                var (mine, theirs) = (property.GetValue(this), property.GetValue(other));
                if (!Equals(mine, theirs))
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"{property.Name} {mine ?? "null"} instead of {theirs ?? "null"}");
                }
            }
        }
    }
}
