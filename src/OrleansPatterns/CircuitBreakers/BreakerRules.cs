using System.Globalization;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>When a breaker changes, and into what. Pure.</summary>
/// <remarks>
/// Here and not beside the grain, because a process that cannot reach the cluster decides alone, by the same rules. Every change is a new
/// generation, so that whatever was begun under an older one is known for late.
/// </remarks>
internal static class BreakerRules
{
    private const double Jitter = 0.1;

    public static bool ShouldTrip(BreakerSettings settings, int successes, int failures) =>
        failures > 0
        && successes + failures >= settings.MinimumThroughput
        && failures >= settings.FailureRatio * (successes + failures);

    /// <summary>Opens a closed breaker.</summary>
    /// <param name="record">The record.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="failures">How many calls failed.</param>
    /// <param name="calls">Of how many.</param>
    /// <param name="random">0 to 1; keeps breakers that opened together from probing together.</param>
    public static BreakerRecord Trip(BreakerRecord record, BreakerSettings settings, int failures, int calls, double random) => record with
    {
        State = BreakerState.Open,
        Generation = record.Generation + 1,
        Reopenings = 0,
        BreakDuration = BreakAfter(settings, reopenings: 0, random),
        Reason = string.Create(CultureInfo.InvariantCulture, $"{failures} of {calls} calls failed within {settings.SamplingDuration.TotalSeconds:0.#} s."),
    };

    /// <summary>Opens a half-open breaker again, for twice as long.</summary>
    public static BreakerRecord Reopen(BreakerRecord record, BreakerSettings settings, double random) => record with
    {
        State = BreakerState.Open,
        Generation = record.Generation + 1,
        Reopenings = record.Reopenings + 1,
        BreakDuration = BreakAfter(settings, record.Reopenings + 1, random),
    };

    public static BreakerRecord BeginProbing(BreakerRecord record) =>
        record with { State = BreakerState.HalfOpen, Generation = record.Generation + 1 };

    public static BreakerRecord Close(BreakerRecord record) =>
        record.State == BreakerState.Closed ? record : new BreakerRecord { Generation = record.Generation + 1 };

    public static BreakerRecord Isolate(BreakerRecord record, string reason) =>
        record.State == BreakerState.Isolated && record.Reason == reason
            ? record
            : new BreakerRecord { State = BreakerState.Isolated, Generation = record.Generation + 1, Reason = reason };

    private static TimeSpan BreakAfter(BreakerSettings settings, int reopenings, double random)
    {
        var doubled = settings.BreakDuration.TotalMilliseconds * Math.Pow(2, Math.Min(reopenings, 30));
        var capped = Math.Min(doubled, settings.MaxBreakDuration.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(capped * (1 - Jitter + (2 * Jitter * random)), settings.MaxBreakDuration.TotalMilliseconds));
    }
}
