using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>What was done by hand and acknowledged, and is not so where the cluster's word counts, or not in the end.</summary>
internal static class HoldChecker
{
    /// <summary>One that was not acknowledged may take effect for so long: as often as it is repeated, and as long as its messages live.</summary>
    private static readonly long Late = (long)TimeSpan.FromMinutes(2).TotalNanoseconds;

    /// <param name="operations">Of one breaker.</param>
    /// <param name="bound">How long somebody may not know of it yet.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> operations, TimeSpan bound)
    {
        var known = Knowledge([.. operations.Where(operation => operation.Action is BreakerActions.Isolate or BreakerActions.Close)]);
        var sights = BreakerSights.Of(operations).ToDictionary(own => own[0].Process, StringComparer.Ordinal);
        var passes = operations.Where(Passes).ToList();
        var statuses = operations.Where(operation => operation is { Action: BreakerActions.Status, Outcome: Outcome.Ok }).ToList();
        var late = (long)bound.TotalNanoseconds;
        return known.SelectMany(hand => sights.Values.SelectMany(own => Unaware(hand, own, late))
            .Concat(hand.IsHeld ? Passed(hand, passes, sights, late) : [])
            .Concat(Lost(hand, statuses)));
    }

    private static bool Passes(Operation operation) => operation.Action == BreakerActions.Pass
        || operation is { Action: BreakerActions.Ask, Outcome: Outcome.Ok, Value: not BreakerActions.Alone };

    private static List<Known> Knowledge(List<Operation> byHand) =>
    [
        .. byHand
            .Where(done => done.Outcome == Outcome.Ok)
            .Select(done => new Known(
                done,
                done.AnsweredAt!.Value,
                byHand.Where(other => other.Action != done.Action && MayFollow(other, done)).Select(other => other.CalledAt).DefaultIfEmpty(long.MaxValue).Min()))
            .Where(known => known.Until > known.From),
    ];

    private static bool MayFollow(Operation other, Operation done) => (other.AnsweredAt ?? other.CalledAt + Late) > done.CalledAt;

    /// <summary>At most once for each process.</summary>
    private static IEnumerable<string> Unaware(Known hand, IReadOnlyList<BreakerSight> sights, long late)
    {
        foreach (var sight in sights.Where(sight => !sight.IsAlone && hand.IsWrong(sight.State)))
        {
            var from = Math.Max(sight.From, Math.Max(hand.From, sight.Since) + late);
            if (from < Math.Min(sight.Until, hand.Until))
            {
                yield return $"{sight.Process} saw it {sight.State} at {from}, long after {hand.By.Describe()}";
                yield break;
            }
        }
    }

    /// <summary>At most once for each process.</summary>
    private static IEnumerable<string> Passed(
        Known hand, List<Operation> passes, Dictionary<string, IReadOnlyList<BreakerSight>> sights, long late) => passes
        .Where(pass => pass.CalledAt < hand.Until && pass.AnsweredAt > hand.From + late)
        .Where(pass => Moments(pass).Any(at => at > hand.From + late && at < hand.Until && IsSettled(sights.GetValueOrDefault(pass.Process), at, late)))
        .GroupBy(pass => pass.Process, StringComparer.Ordinal)
        .Select(own => $"{own.First().Describe()} came long after {hand.By.Describe()}");

    /// <summary>When calls passed for certain.</summary>
    private static IEnumerable<long> Moments(Operation pass) => pass.Action == BreakerActions.Pass ? [pass.CalledAt, pass.AnsweredAt!.Value] : [pass.AnsweredAt!.Value];

    /// <summary>Whether a process had gone by the cluster's word for so long that it had to know.</summary>
    private static bool IsSettled(IReadOnlyList<BreakerSight>? sights, long at, long late) =>
        sights?.LastOrDefault(sight => sight.From <= at) is { IsAlone: false } sight && at < sight.Until && sight.Since + late < at;

    private static IEnumerable<string> Lost(Known hand, List<Operation> statuses) => statuses
        .Where(status => status.CalledAt > hand.From && status.AnsweredAt < hand.Until && hand.IsWrong(Enum.Parse<BreakerState>(status.Value!)))
        .Select(status => $"{hand.By.Describe()} is not in the record: {status.Describe()}");

    /// <param name="By">What was acknowledged.</param>
    /// <param name="From">From then on it was so for certain.</param>
    /// <param name="Until">When somebody may have undone it. <see cref="long.MaxValue"/>: nobody has.</param>
    private sealed record Known(Operation By, long From, long Until)
    {
        internal bool IsHeld => By.Action == BreakerActions.Isolate;

        internal bool IsWrong(BreakerState state) => IsHeld != (state == BreakerState.Isolated);
    }
}
