using System.Collections.Immutable;
using System.Globalization;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Whom to cut off for what was counted. Pure.</summary>
/// <param name="Reason">Why, for people to read; <see langword="null"/>: nobody.</param>
/// <param name="ForAll">Whether the breaker opens for the whole cluster.</param>
/// <param name="Callers">If not: for whom it opens.</param>
internal readonly record struct BreakerVerdict(string? Reason, bool ForAll, ImmutableArray<string> Callers)
{
    private static readonly BreakerVerdict Nobody = new(null, ForAll: false, []);

    /// <summary>Is it due to open, were these the counts of one caller, or of all?</summary>
    /// <remarks>As Polly does, both bounds are reached with "at least", and no ratio opens anything without a single failure.</remarks>
    public static bool IsDue(BreakerSettings settings, CallTally tally) => Measure(settings, tally) is not null;

    /// <param name="settings">The settings.</param>
    /// <param name="window">What was counted.</param>
    /// <param name="reporter">Whose report is new; its own counts alone may be reason enough to cut it off.</param>
    public static BreakerVerdict Judge(BreakerSettings settings, BreakerWindow window, string reporter)
    {
        if (Measure(settings, window.Total) is { } measure)
        {
            // Enough callers must agree, and no one of them may be most of the matter: one bad node must not take the dependency from all.
            var over = window.Callers.Where(caller => measure.IsOver(caller.Value)).ToList();
            var bad = over.Sum(caller => (long)measure.Bad(caller.Value));
            var active = window.Callers.Count;
            var isShared = active < 3 || over.All(caller => measure.Bad(caller.Value) <= settings.MaxCallerShare * measure.Bad(window.Total));
            if (over.Count >= Math.Min(settings.MinimumCallers, active) && isShared)
            {
                return new(measure.Reason, ForAll: true, []);
            }

            // A single bad call is no evidence against a caller.
            return over.Where(caller => measure.Bad(caller.Value) > 1).Select(caller => caller.Key).ToImmutableArray() is { Length: > 0 } callers
                ? new(measure.Reason, ForAll: false, callers)
                : Nobody;
        }

        // Too few of all calls, but enough of its own: what a breaker in that process alone would have done.
        return window.Callers.TryGetValue(reporter, out var own) && Measure(settings, own) is { } alone
            ? new(alone.Reason, ForAll: false, [reporter])
            : Nobody;
    }

    private static Measurement? Measure(BreakerSettings settings, CallTally tally)
    {
        var window = string.Create(CultureInfo.InvariantCulture, $"{settings.SamplingDuration.TotalSeconds:0.#} s");
        if (settings.ConsecutiveFailures is { } limit && tally.FailureRun >= limit)
        {
            return new($"{tally.FailureRun} calls in a row failed.", caller => caller.FailureRun, caller => caller.FailureRun > 0);
        }

        if (tally.Calls < settings.MinimumThroughput)
        {
            return null;
        }

        if (tally.Failures > 0 && tally.Failures >= settings.FailureRatio * tally.Calls)
        {
            return new(
                $"{tally.Failures} of {tally.Calls} calls failed within {window}.",
                caller => caller.Failures,
                caller => caller.Failures > 0 && caller.Failures >= settings.FailureRatio * caller.Calls);
        }

        return settings.SlowCallDuration is { } slow && tally.SlowCalls > 0 && tally.SlowCalls >= settings.SlowCallRatio * tally.Calls
            ? new(
                string.Create(CultureInfo.InvariantCulture, $"{tally.SlowCalls} of {tally.Calls} calls took {slow.TotalSeconds:0.###} s or longer within {window}."),
                caller => caller.SlowCalls,
                caller => caller.SlowCalls > 0 && caller.SlowCalls >= settings.SlowCallRatio * caller.Calls)
            : null;
    }

    private sealed record Measurement(string Reason, Func<CallTally, int> Bad, Func<CallTally, bool> IsOver);
}
