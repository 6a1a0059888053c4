using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>What cannot have happened if the cluster decides as one, and no call waits for it.</summary>
internal static class BreakerChecker
{
    /// <summary>For how long a process may go by an old word of the cluster and take it for the present one.</summary>
    /// <remarks>
    /// A change is pushed at once, but a push may be lost. Then it comes with the next answer: a second after the last one, when there is nothing to
    /// report, or a second later if the subscription was due just then and had no answer; and without one within a second the process knows that it
    /// is alone. One more for looking, and for seven processes on two cores.
    /// </remarks>
    internal static readonly TimeSpan AgreementBound = TimeSpan.FromSeconds(4);

    /// <summary>For how long a call may wait for the cluster: a second. One more for seven processes on two cores.</summary>
    internal static readonly TimeSpan DelayBound = TimeSpan.FromSeconds(2);

    /// <param name="operations">With the actions of <see cref="BreakerActions"/>.</param>
    internal static BreakerFindings Check(IReadOnlyList<Operation> operations)
    {
        var breakers = operations.GroupBy(operation => operation.Key, StringComparer.Ordinal).Select(one => (Name: one.Key, Operations: one.ToList())).ToList();
        return new BreakerFindings(
            [
                .. breakers.SelectMany(one => ViolationsOfOne(one.Operations).Select(violation => $"{one.Name}: {violation}")),
                .. DelayChecker.Violations(operations, DelayBound),
                .. Surprises(operations),
            ],
            breakers.Select(one => AgreementChecker.Longest(one.Operations)).DefaultIfEmpty().Max(),
            breakers.Select(one => ProbeChecker.Most(one.Operations)).DefaultIfEmpty().Max());
    }

    private static IEnumerable<string> ViolationsOfOne(List<Operation> operations) =>
    [
        .. ProbeChecker.Violations(operations),
        .. AgreementChecker.Violations(operations, AgreementBound),
        .. HoldChecker.Violations(operations, AgreementBound),
    ];

    /// <summary>A call ends as it does itself or is refused, and nothing else.</summary>
    private static IEnumerable<string> Surprises(IReadOnlyList<Operation> operations) =>
    [
        .. SurpriseChecker.Violations([.. operations.Where(operation => operation.Action is BreakerActions.Ask or BreakerActions.Tell)]),
        .. SurpriseChecker.Violations(
            [.. operations.Where(operation => operation.Action is BreakerActions.Isolate or BreakerActions.Close)], nameof(ClusterUnavailableException)),
    ];
}
