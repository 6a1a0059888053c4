namespace OrleansPatterns.CircuitBreakers;

/// <summary>How a breaker decides. The names and defaults are those of Polly v8 where it has them.</summary>
/// <remarks>
/// Options are named by the dependency: <c>services.Configure&lt;CircuitBreakerOptions&gt;("payments", ...)</c> for one,
/// <c>services.ConfigureAll&lt;CircuitBreakerOptions&gt;(...)</c> for all. They travel with the reports, so silos need no configuration. Of processes
/// with different options the first that the grain hears of decides, until no process has reported with those for a minute; the others warn.
/// </remarks>
public sealed class CircuitBreakerOptions
{
    /// <summary>The share of failures at which the breaker opens.</summary>
    /// <value>Default 0.1. More than 0, at most 1.</value>
    public double FailureRatio { get; set; } = 0.1;

    /// <summary>How many calls of all processes together there must be within <see cref="SamplingDuration"/> before a ratio counts.</summary>
    /// <value>Default 100. At least 2.</value>
    public int MinimumThroughput { get; set; } = 100;

    /// <summary>Over how long calls are counted, in ten buckets.</summary>
    /// <value>Default 30 seconds. 500 milliseconds to 1 hour.</value>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the breaker stays open before it lets probes through. Doubles each time that a probe fails, ±10 %, up to the maximum.</summary>
    /// <value>Default 5 seconds. 100 milliseconds to <see cref="MaxBreakDuration"/>.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest break, jitter included.</summary>
    /// <value>Default 60 seconds. 100 milliseconds to 1 day.</value>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Opens the breaker also after this many failures with no success in between, whatever the ratio and the throughput.</summary>
    /// <remarks>Of all processes together, in the order in which their reports arrive.</remarks>
    /// <value>Default <see langword="null"/>: never. 1 to 1,000,000.</value>
    public int? ConsecutiveFailures { get; set; }

    /// <summary>From how long on a call counts as slow, whether it succeeds or fails.</summary>
    /// <value>Default <see langword="null"/>: calls are not timed. 1 millisecond to 1 hour.</value>
    public TimeSpan? SlowCallDuration { get; set; }

    /// <summary>The share of slow calls at which the breaker opens. Without <see cref="SlowCallDuration"/> it has no meaning.</summary>
    /// <value>Default 1. More than 0, at most 1.</value>
    public double SlowCallRatio { get; set; } = 1;

    /// <summary>How many probes must succeed for the breaker to close; no more than that are ever let through. The first that fails opens it again.</summary>
    /// <value>Default 3. 1 to 1,000.</value>
    public int SuccessfulProbes { get; set; } = 3;

    /// <summary>How many probes of the whole cluster may be under way at a time.</summary>
    /// <value>Default 1. 1 to 1,000.</value>
    public int ConcurrentProbes { get; set; } = 1;

    /// <summary>How long a probe may take before its permit goes to another call and its result counts no more.</summary>
    /// <value>Default 10 seconds. 100 milliseconds to 10 minutes.</value>
    public TimeSpan ProbeLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many callers must be over the ratio for the breaker to open for all; where fewer are active, all of those.</summary>
    /// <remarks>
    /// With fewer, only they are cut off: one bad caller must not take the dependency from the others. Active are callers that have reported calls
    /// within <see cref="SamplingDuration"/>, and for a second after counting began anew those that were active before. So a caller that is the only
    /// one ever to have called is all there is, and opens the breaker for all.
    /// </remarks>
    /// <value>Default 2. 1 to 1,000.</value>
    public int MinimumCallers { get; set; } = 2;

    /// <summary>Where three or more callers are active: the largest share of all failures that one caller may have for the breaker to open for all.</summary>
    /// <value>Default 0.5. More than 0, at most 1.</value>
    public double MaxCallerShare { get; set; } = 0.5;

    /// <summary>How often a process reports its counts at most.</summary>
    /// <value>Default 100 milliseconds. 10 milliseconds to 10 seconds.</value>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Refuses calls while the cluster cannot be reached, instead of deciding alone.</summary>
    /// <remarks>For dependencies where a call too many is worse than none. It makes the cluster a thing that every call depends on.</remarks>
    /// <value>Default <see langword="false"/>.</value>
    public bool FailClosed { get; set; }

    /// <summary>What this process is called in status, events and warnings. Callers are told apart by it, so no two may share one.</summary>
    /// <value>Default <see langword="null"/>: program, machine and process id. 1 to 128 characters.</value>
    public string? CallerName { get; set; }

    /// <summary>Which exceptions count as failures. Others count as successes; a cancellation by the caller counts as neither.</summary>
    /// <value>Default: all.</value>
    public Func<Exception, bool> ShouldHandle { get; set; } = static _ => true;

    /// <summary>For a dependency that is called seldom: opens at half of ten calls instead of a tenth of a hundred.</summary>
    /// <returns>The same options.</returns>
    public CircuitBreakerOptions UseLowTrafficPreset()
    {
        FailureRatio = 0.5;
        MinimumThroughput = 10;
        return this;
    }
}
