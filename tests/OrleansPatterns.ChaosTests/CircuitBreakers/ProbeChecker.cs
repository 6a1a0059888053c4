using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>More probes at a time than there may be.</summary>
/// <remarks>
/// A probe counts from when it was let through until it ended, or until its lease was over, counted from when it was asked for: it was given after
/// that, so whoever gave it may not give it again before. That of a process that died counts until then, too.
/// </remarks>
internal static class ProbeChecker
{
    private static readonly long Lease = (long)ChaosBreakers.ProbeLease.TotalNanoseconds;

    /// <param name="operations">Of one breaker.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> operations)
    {
        var (ofTheCluster, alone) = Probes(operations);
        return
        [
            .. ofTheCluster
                .GroupBy(probe => probe.Ask.Token)
                .Where(same => same.Count() > 1)
                .Select(same => $"permit {same.Key} was given {same.Count()} times: {string.Join("; ", same.Select(probe => probe.Ask.Describe()))}"),
            .. TooMany(ofTheCluster, "probes"),
            .. alone.GroupBy(probe => probe.Ask.Process, StringComparer.Ordinal).SelectMany(own => TooMany([.. own], "probes of one process alone")),
        ];
    }

    /// <summary>How many probes by the cluster's permits were under way at a time.</summary>
    internal static int Most(IReadOnlyList<Operation> operations) => UnderWay(Probes(operations).OfTheCluster).Select(probes => probes.Count).DefaultIfEmpty().Max();

    private static IEnumerable<string> TooMany(List<(Operation Ask, long EndsAt)> probes, string what) => UnderWay(probes)
        .Where(together => together.Count > ChaosBreakers.ConcurrentProbes)
        .Select(together =>
            $"{together.Count} {what} were under way at {together[^1].Ask.AnsweredAt}: {string.Join("; ", together.Select(probe => $"{probe.Ask.Describe()}, under way until {probe.EndsAt}"))}");

    /// <summary>At the beginning of each probe: those under way, itself the last.</summary>
    private static IEnumerable<IReadOnlyList<(Operation Ask, long EndsAt)>> UnderWay(List<(Operation Ask, long EndsAt)> probes)
    {
        List<(Operation Ask, long EndsAt)> current = [];
        foreach (var probe in probes.Where(probe => probe.EndsAt > probe.Ask.AnsweredAt).OrderBy(probe => probe.Ask.AnsweredAt))
        {
            current.RemoveAll(other => other.EndsAt <= probe.Ask.AnsweredAt);
            current.Add(probe);
            yield return [.. current];
        }
    }

    private static (List<(Operation Ask, long EndsAt)> OfTheCluster, List<(Operation Ask, long EndsAt)> Alone) Probes(IReadOnlyList<Operation> operations)
    {
        var ends = operations
            .Where(operation => operation is { Action: BreakerActions.Probe, AnsweredAt: not null })
            .ToLookup(probe => (probe.Process, probe.Token), probe => probe.AnsweredAt!.Value);
        var probes = operations
            .Where(operation => operation is { Action: BreakerActions.Ask, Outcome: Outcome.Ok, Token: not null })
            .Select(ask => (Ask: ask, EndsAt: ends[(ask.Process, ask.Token)].Append(ask.CalledAt + Lease).Min()))
            .ToLookup(probe => probe.Ask.Value == BreakerActions.Alone);
        return ([.. probes[false]], [.. probes[true]]);
    }
}
