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

    /// <summary>What may be wrong with calls.</summary>
    private enum Trouble
    {
        None = 0,
        FailureRun = 1,
        Failures = 2,
        SlowCalls = 3,
    }

    /// <summary>Is it due to open, were these the counts of one caller, or of all? On the way of every failed call, so it allocates nothing.</summary>
    /// <remarks>As Polly does, both bounds are reached with "at least", and no ratio opens anything without a single failure.</remarks>
    public static bool IsDue(BreakerSettings settings, CallTally tally) => Find(settings, tally) != Trouble.None;

    /// <param name="settings">The settings.</param>
    /// <param name="window">What was counted.</param>
    /// <param name="active">How many callers are active: those with counts, and those from whom some are expected.</param>
    /// <param name="reporter">Whose report is new; its own counts alone may be reason enough to cut it off.</param>
    public static BreakerVerdict Judge(BreakerSettings settings, BreakerWindow window, int active, string reporter)
    {
        var trouble = Find(settings, window.Total);
        if (trouble == Trouble.None)
        {
            // Too few of all calls, but perhaps enough of its own: what a breaker in that process alone would do.
            return window.Callers.TryGetValue(reporter, out var own) && Find(settings, own) is var alone && alone != Trouble.None
                ? new(Explain(alone, settings, own), ForAll: false, [reporter])
                : Nobody;
        }

        // Enough callers must agree, and no one of them may be most of the matter: one bad node must not take the dependency from all.
        var over = window.Callers.Where(caller => IsOver(trouble, settings, caller.Value)).ToList();
        var most = settings.MaxCallerShare * Bad(trouble, window.Total);
        if (over.Count >= Math.Min(settings.MinimumCallers, active) && (active < 3 || over.All(caller => Bad(trouble, caller.Value) <= most)))
        {
            return new(Explain(trouble, settings, window.Total), ForAll: true, []);
        }

        // A single bad call is no evidence against a caller.
        var bad = over.Where(caller => Bad(trouble, caller.Value) > 1).Select(caller => caller.Key).ToImmutableArray();
        return bad.IsEmpty ? Nobody : new(Explain(trouble, settings, window.Total), ForAll: false, bad);
    }

    private static Trouble Find(BreakerSettings settings, CallTally tally) =>
        tally.FailureRun >= (settings.ConsecutiveFailures ?? int.MaxValue) ? Trouble.FailureRun
        : tally.Calls < settings.MinimumThroughput ? Trouble.None
        : IsOver(Trouble.Failures, settings, tally) ? Trouble.Failures
        : settings.SlowCallDuration is not null && IsOver(Trouble.SlowCalls, settings, tally) ? Trouble.SlowCalls
        : Trouble.None;

    private static int Bad(Trouble trouble, CallTally tally) => trouble switch
    {
        Trouble.FailureRun => tally.FailureRun,
        Trouble.Failures => tally.Failures,
        _ => tally.SlowCalls,
    };

    private static bool IsOver(Trouble trouble, BreakerSettings settings, CallTally tally) => Bad(trouble, tally) is > 0 and var bad && trouble switch
    {
        Trouble.FailureRun => true,
        Trouble.Failures => bad >= settings.FailureRatio * tally.Calls,
        _ => bad >= settings.SlowCallRatio * tally.Calls,
    };

    private static string Explain(Trouble trouble, BreakerSettings settings, CallTally tally)
    {
        var within = settings.SamplingDuration.TotalSeconds;
        return trouble switch
        {
            Trouble.FailureRun => $"{tally.FailureRun} calls in a row failed.",
            Trouble.Failures => string.Create(CultureInfo.InvariantCulture, $"{tally.Failures} of {tally.Calls} calls failed within {within:0.#} s."),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{tally.SlowCalls} of {tally.Calls} calls took {settings.SlowCallDuration?.TotalSeconds:0.###} s or longer within {within:0.#} s."),
        };
    }
}
