using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Notes in what state a process sees its breakers: each change, and otherwise from time to time that it still does.</summary>
internal sealed class BreakerWatcher(IReadOnlyList<BreakerCalls> calls, HistoryWriter history, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly long Pulse = 200_000_000;

    /// <summary>What was read in longer than this may be of before or after a pause.</summary>
    private static readonly long LongLook = 20_000_000;

    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    private sealed record Seen(BreakerState State, bool IsAlone, long Version, long From, long Last);

    internal async Task RunAsync(CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            foreach (var own in calls)
            {
                Look(own.Breaker);
            }

            await Task.Delay(Interval, time, CancellationToken.None);
        }
    }

    private void Look(CircuitBreaker breaker)
    {
        var knowledge = breaker.Knowledge;
        var at = MonotonicClock.Now;
        var isAlone = knowledge.IsAlone;
        var now = new Seen(knowledge.View.State, isAlone, knowledge.Version, at, at);
        if (isAlone != knowledge.IsAlone || MonotonicClock.Now - at > LongLook)
        {
            return;
        }

        var before = _seen.GetValueOrDefault(breaker.Name);
        var isSame = before is not null && before with { From = at, Last = at } == now && at - before.Last <= BreakerSight.ShortGap.TotalNanoseconds;
        if (isSame && at - before!.From < Pulse)
        {
            _seen[breaker.Name] = before with { Last = at };
            return;
        }

        Note(breaker.Name, before, until: isSame ? at : before?.Last);
        _seen[breaker.Name] = now;
    }

    private void Note(string breaker, Seen? seen, long? until)
    {
        if (seen is not null)
        {
            history.Note(seen.IsAlone ? BreakerActions.SeeAlone : BreakerActions.See, breaker, seen.Version, seen.From, until ?? seen.Last, $"{seen.State}");
        }

        calls.Single(own => own.Breaker.Name == breaker).NotePassed();
    }
}
