using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Idempotency;

/// <summary>What cannot have happened if each key has one result, which is kept, and work that may happen once happens once.</summary>
internal static class IdempotencyChecker
{
    /// <summary>The beginning of the keys whose work is executed at most once. That of others is executed again when its executor may have died.</summary>
    internal const string AtMostOnce = "park/";

    /// <param name="history">With the actions of <see cref="IdempotencyActions"/>.</param>
    /// <param name="works">Read when no execution is under way any more.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> history, IReadOnlyList<Work> works)
    {
        var operations = history.ToLookup(operation => operation.Key, StringComparer.Ordinal);
        var executions = works.ToLookup(work => work.Key, StringComparer.Ordinal);
        return operations.Select(one => one.Key)
            .Union(executions.Select(one => one.Key), StringComparer.Ordinal)
            .SelectMany(key => ViolationsOfOne(key, [.. operations[key]], [.. executions[key]]).Select(violation => $"{key}: {violation}"));
    }

    private static IEnumerable<string> ViolationsOfOne(string key, List<Operation> operations, List<Work> works)
    {
        var ids = works.Select(work => work.Id).ToHashSet(StringComparer.Ordinal);
        if (key.StartsWith(AtMostOnce, StringComparison.Ordinal) && works.Count > 1)
        {
            yield return $"was to be executed at most once, and was {works.Count} times: {Describe(works)}";
        }

        var answered = operations.FindAll(operation => operation.Outcome == Outcome.Ok);
        var results = answered.DistinctBy(operation => operation.Value, StringComparer.Ordinal).ToList();
        if (results.Count > 1)
        {
            yield return $"has {results.Count} results: {string.Join("; ", results.Select(operation => operation.Describe()))}";
        }

        foreach (var result in results.Where(result => result.Value is null || !ids.Contains(result.Value)))
        {
            yield return $"{result.Describe()} is the result of none of its executions: {Describe(works)}";
        }

        var acknowledged = answered.Find(operation => operation.Action == IdempotencyActions.Execute);
        if (acknowledged is null)
        {
            yield break;
        }

        var replays = operations.FindAll(operation => operation.Action == IdempotencyActions.Replay);
        if (replays.Count == 0)
        {
            yield return $"{acknowledged.Describe()} was acknowledged and never replayed";
        }

        // One that got another result is found above.
        foreach (var replay in replays.Where(replay => replay.Outcome != Outcome.Ok))
        {
            yield return $"{replay.Describe()} did not get what had been acknowledged: {acknowledged.Describe()}";
        }
    }

    private static string Describe(List<Work> works) =>
        works.Count == 0 ? "there was none" : string.Join(", ", works.Select(work => $"'{work.Id}' by {work.Process}"));
}
