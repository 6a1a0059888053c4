using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>What cannot have happened if the locks exclude and their tokens fence.</summary>
/// <remarks>Each check is a sweep, so it says more about a long history, and sooner, than <see cref="LockLinearizability"/>.</remarks>
internal static class LockChecker
{
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> history) => history
        .GroupBy(operation => operation.Key, StringComparer.Ordinal)
        .SelectMany(one => ViolationsOfOne([.. one]).Select(violation => $"{one.Key}: {violation}"));

    private static IEnumerable<string> ViolationsOfOne(List<Operation> operations)
    {
        var acquires = operations.FindAll(operation => operation is { Action: LockActions.Acquire, Outcome: Outcome.Ok });
        var writes = operations.FindAll(operation => operation is { Action: LockActions.Write, Outcome: Outcome.Ok });

        // Whatever its outcome: a process that died while it held has said that it held when the hold began.
        var holds = operations.FindAll(operation => operation.Action == LockActions.Hold);
        return
        [
            .. WithoutToken([.. acquires, .. holds, .. writes]),
            .. GrantedTwice(acquires),
            .. AfterAHigherToken(acquires),
            .. HeldByNobodysGrant(holds, acquires),
            .. Overlaps(holds),
            .. AfterAHigherToken(writes),
        ];
    }

    private static IEnumerable<string> WithoutToken(List<Operation> operations) => operations
        .Where(operation => operation.Token is null)
        .Select(operation => $"{operation.Describe()} has no token");

    private static IEnumerable<string> GrantedTwice(List<Operation> acquires) => acquires
        .Where(acquire => acquire.Token is not null)
        .GroupBy(acquire => acquire.Token)
        .Where(same => same.Count() > 1)
        .Select(same => $"token {same.Key} was granted {same.Count()} times: {string.Join("; ", same.Select(acquire => acquire.Describe()))}");

    /// <summary>Only of those that certainly came one after the other: among concurrent ones either order is right.</summary>
    private static IEnumerable<string> AfterAHigherToken(List<Operation> operations)
    {
        var answered = new Queue<Operation>(operations.Where(operation => operation.AnsweredAt is not null).OrderBy(operation => operation.AnsweredAt));
        Operation? highest = null;
        foreach (var operation in operations.OrderBy(operation => operation.CalledAt))
        {
            while (answered.TryPeek(out var earlier) && earlier.AnsweredAt < operation.CalledAt)
            {
                highest = highest?.Token >= earlier.Token ? highest : earlier;
                answered.Dequeue();
            }

            if (highest?.Token > operation.Token)
            {
                yield return $"{operation.Describe()} was called after this one with a higher token was answered: {highest.Describe()}";
            }
        }
    }

    private static IEnumerable<string> HeldByNobodysGrant(List<Operation> holds, List<Operation> acquires)
    {
        var granted = acquires.Select(acquire => acquire.Token).ToHashSet();
        return holds
            .Where(hold => hold.Token is not null && !granted.Contains(hold.Token))
            .Select(hold => $"{hold.Describe()} has a token that nobody acquired");
    }

    private static IEnumerable<string> Overlaps(List<Operation> holds)
    {
        List<Operation> current = [];
        foreach (var hold in holds.OrderBy(hold => hold.CalledAt))
        {
            current.RemoveAll(other => End(other) <= hold.CalledAt);
            foreach (var other in current.Where(other => other.Token != hold.Token && other.CalledAt < End(hold)))
            {
                yield return $"{hold.Describe()} overlaps {other.Describe()}";
            }

            current.Add(hold);
        }
    }

    /// <summary>Of a hold that never ended we know its first instant only.</summary>
    private static long End(Operation hold) => hold.AnsweredAt ?? hold.CalledAt;
}
