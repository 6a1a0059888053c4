using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Puts the looks of processes together.</summary>
internal static class BreakerSights
{
    private static readonly long MaxGap = (long)BreakerSight.MaxGap.TotalNanoseconds;
    private static readonly long ShortGap = (long)BreakerSight.ShortGap.TotalNanoseconds;

    /// <summary>By process, each in order.</summary>
    /// <param name="operations">Of one breaker.</param>
    internal static IEnumerable<IReadOnlyList<BreakerSight>> Of(IEnumerable<Operation> operations) => operations
        .Where(IsLook)
        .GroupBy(look => look.Process, StringComparer.Ordinal)
        .Select(looks => OfOne(looks.Key, [.. looks.OrderBy(look => look.CalledAt).ThenBy(look => look.AnsweredAt)]));

    /// <summary>When processes were running without any pause, by their looks at any breaker.</summary>
    internal static ILookup<string, (long From, long Until)> Runs(IEnumerable<Operation> operations) => operations
        .Where(IsLook)
        .GroupBy(look => look.Process, StringComparer.Ordinal)
        .SelectMany(looks => RunsOfOne(looks.OrderBy(look => look.CalledAt)), (looks, run) => (looks.Key, Run: run))
        .ToLookup(run => run.Key, run => run.Run, StringComparer.Ordinal);

    private static bool IsLook(Operation operation) =>
        operation is { Action: BreakerActions.See or BreakerActions.SeeAlone, AnsweredAt: not null, Value: not null };

    private static List<BreakerSight> OfOne(string process, List<Operation> looks)
    {
        List<BreakerSight> sights = [];
        var isLocal = false;
        for (var index = 0; index < looks.Count; index++)
        {
            var look = looks[index];
            var state = Enum.Parse<BreakerState>(look.Value!);
            var isAlone = look.Action == BreakerActions.SeeAlone;

            // Until the cluster says something that its own circuit cannot be. What the process thinks alone is no such word.
            var isUnseen = index > 0 && look.CalledAt - looks[index - 1].AnsweredAt!.Value > ShortGap;
            isLocal = state switch
            {
                BreakerState.LocalOpen => true,
                BreakerState.HalfOpen => isLocal || isUnseen,
                _ => isLocal && isAlone,
            };
            var until = index + 1 < looks.Count && looks[index + 1].CalledAt - look.AnsweredAt!.Value <= MaxGap ? looks[index + 1].CalledAt : look.AnsweredAt!.Value;
            var before = sights.LastOrDefault();
            var goesOn = before is not null && before.Until == look.CalledAt;
            var since = goesOn && before!.IsAlone == isAlone ? before.Since : look.CalledAt;
            if (goesOn && before!.State == state && before.IsLocal == isLocal && before.IsAlone == isAlone)
            {
                sights[^1] = before with { Until = until };
            }
            else
            {
                sights.Add(new BreakerSight(process, look.CalledAt, until, state, isAlone, isLocal, since));
            }
        }

        return sights;
    }

    private static IEnumerable<(long From, long Until)> RunsOfOne(IEnumerable<Operation> looks)
    {
        (long From, long Until)? run = null;
        foreach (var look in looks)
        {
            if (run is { } before && look.CalledAt - before.Until > ShortGap)
            {
                yield return before;
                run = null;
            }

            run = (run?.From ?? look.CalledAt, Math.Max(run?.Until ?? 0, look.AnsweredAt!.Value));
        }

        if (run is { } last)
        {
            yield return last;
        }
    }
}
