namespace OrleansPatterns.CircuitBreakers;

/// <summary>When a breaker opens, for how long, and how it closes again. Names and values follow Polly's.</summary>
/// <remarks>
/// Options are named by the dependency: <c>services.Configure&lt;CircuitBreakerOptions&gt;("payments", ...)</c> for one,
/// <c>services.ConfigureAll&lt;CircuitBreakerOptions&gt;(...)</c> for all. They travel with the reports, so silos need no configuration; the first
/// process that uses a dependency decides for as long as its grain stays active.
/// </remarks>
public sealed class CircuitBreakerOptions
{
    /// <summary>The share of failures at which the breaker opens.</summary>
    /// <value>Default 0.1. More than 0, at most 1.</value>
    public double FailureRatio { get; set; } = 0.1;

    /// <summary>How many calls of all processes together there must be within <see cref="SamplingDuration"/> before the ratio counts.</summary>
    /// <value>Default 100. At least 2.</value>
    public int MinimumThroughput { get; set; } = 100;

    /// <summary>Over how long calls are counted, in ten buckets.</summary>
    /// <value>Default 30 seconds. 500 milliseconds to 1 hour.</value>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the breaker stays open before it lets probes through. Doubles each time that a probe fails, ±10 %, up to the maximum.</summary>
    /// <value>Default 5 seconds. 100 milliseconds to <see cref="MaxBreakDuration"/>.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest break.</summary>
    /// <value>Default 60 seconds. At most 1 day.</value>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many probes in a row must succeed for the breaker to close.</summary>
    /// <value>Default 3. 1 to 1,000.</value>
    public int SuccessfulProbes { get; set; } = 3;

    /// <summary>How long a probe may take before its permit goes to another call.</summary>
    /// <value>Default 10 seconds. 100 milliseconds to 10 minutes.</value>
    public TimeSpan ProbeLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a process reports its counts.</summary>
    /// <value>Default 100 milliseconds. 10 milliseconds to 10 seconds.</value>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Which exceptions count as failures. Others count as successes; a cancellation by the caller counts as neither.</summary>
    /// <value>Default: all.</value>
    public Func<Exception, bool> ShouldHandle { get; set; } = static _ => true;
}
