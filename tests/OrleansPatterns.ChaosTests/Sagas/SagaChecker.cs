using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>What cannot have happened if a saga that was taken on is done or undone as a whole, or says why not.</summary>
internal static class SagaChecker
{
    /// <param name="history">With the actions of <see cref="SagaActions"/>.</param>
    /// <param name="ends">By the saga's id; those that are missing do not exist in the cluster.</param>
    /// <param name="effects">The rows that stand at the end.</param>
    /// <param name="trail">The rows of all bodies that began.</param>
    /// <param name="steps">In their order; steps of one stage run at the same time.</param>
    internal static IEnumerable<string> Violations(
        IReadOnlyList<Operation> history,
        IReadOnlyDictionary<string, SagaEnd> ends,
        IReadOnlyList<Effect> effects,
        IReadOnlyList<TrailEntry> trail,
        IReadOnlyList<(string Step, int Stage)> steps)
    {
        var stages = steps.ToDictionary(step => step.Step, step => step.Stage, StringComparer.Ordinal);
        var standing = effects.ToLookup(effect => effect.Saga, effect => effect.Step, StringComparer.Ordinal);
        return
        [
            .. Lost(history, ends),
            .. ends.SelectMany(saga => AtItsEnd(saga.Value, [.. standing[saga.Key]], stages).Select(violation => $"{saga.Key}: {violation}")),
            .. WithoutASaga(history, ends, standing),
            .. trail
                .GroupBy(entry => entry.Saga, StringComparer.Ordinal)
                .SelectMany(saga => OutOfOrder(saga.OrderBy(entry => entry.Number), stages).Select(violation => $"{saga.Key}: {violation}")),
        ];
    }

    private static IEnumerable<string> Lost(IReadOnlyList<Operation> history, IReadOnlyDictionary<string, SagaEnd> ends) => history
        .Where(operation => operation is { Action: SagaActions.Start, Outcome: Outcome.Ok } && !ends.ContainsKey(operation.Key))
        .Select(start => $"{start.Key}: {start.Describe()} was acknowledged, and there is no such saga");

    private static IEnumerable<string> AtItsEnd(SagaEnd end, List<string> standing, Dictionary<string, int> stages)
    {
        switch (end.Phase)
        {
            case nameof(SagaPhase.Completed):
                return stages.Keys.Union(standing, StringComparer.Ordinal)
                    .Select(step => (Step: step, Count: standing.Count(other => other == step), Due: stages.ContainsKey(step) ? 1 : 0))
                    .Where(step => step.Count != step.Due)
                    .Select(step => $"is Completed, and of '{step.Step}' {step.Count} effects stand instead of {step.Due}");
            case nameof(SagaPhase.Compensated):
                return standing.Count == 0 ? [] : [$"is Compensated, and there stand effects of {string.Join(", ", standing.Select(step => $"'{step}'"))}"];
            case nameof(SagaPhase.Stuck) or nameof(SagaPhase.Parked) or nameof(SagaPhase.GivenUp):
                return string.IsNullOrWhiteSpace(end.Reason) ? [$"is {end.Phase} and does not say why"] : [];
            default:
                return [$"has not come to an end: it is {end.Phase}"];
        }
    }

    /// <summary>
    /// Of sagas that nobody started, and of those whose start is unknown and that do not exist: where no saga answers for an effect, nothing will undo it.
    /// </summary>
    private static IEnumerable<string> WithoutASaga(
        IReadOnlyList<Operation> history, IReadOnlyDictionary<string, SagaEnd> ends, ILookup<string, string> standing)
    {
        var starts = history
            .Where(operation => operation is { Action: SagaActions.Start, Outcome: Outcome.Ok or Outcome.Unknown })
            .ToLookup(operation => operation.Key, StringComparer.Ordinal);
        foreach (var saga in standing)
        {
            var steps = string.Join(", ", saga.Select(step => $"'{step}'"));
            if (!starts.Contains(saga.Key))
            {
                yield return $"{saga.Key}: nobody started it, and there stand effects of {steps}";
            }
            else if (!ends.ContainsKey(saga.Key) && starts[saga.Key].All(start => start.Outcome == Outcome.Unknown))
            {
                yield return $"{saga.Key}: there is no such saga, and there stand effects of {steps}, begun by {starts[saga.Key].First().Describe()}";
            }
        }
    }

    /// <summary>An undo may begin again, after a crash, but not once an earlier stage has had its turn.</summary>
    /// <remarks>
    /// Except by an attempt that a later one has taken the place of before: its process was paused between being let go and doing what it was let go for, and
    /// nothing but the resource can stop it then.
    /// </remarks>
    private static IEnumerable<string> OutOfOrder(IEnumerable<TrailEntry> trail, Dictionary<string, int> stages)
    {
        TrailEntry? firstUndo = null;
        TrailEntry? earliest = null;
        Dictionary<(string Step, bool IsUndo), int> latest = [];
        foreach (var entry in trail)
        {
            if (latest.TryGetValue((entry.Step, entry.IsUndo), out var attempt) && attempt > entry.Attempt)
            {
                continue;
            }

            latest[(entry.Step, entry.IsUndo)] = entry.Attempt;
            if (!stages.TryGetValue(entry.Step, out var stage))
            {
                yield return $"{Describe(entry)} is of no step of the saga";
            }
            else if (!entry.IsUndo)
            {
                if (firstUndo is not null)
                {
                    yield return $"{Describe(entry)} began after the first {Describe(firstUndo)}";
                }
            }
            else
            {
                firstUndo ??= entry;
                if (earliest is not null && stage > stages[earliest.Step])
                {
                    yield return $"{Describe(entry)} of stage {stage} began after {Describe(earliest)} of stage {stages[earliest.Step]}";
                }
                else
                {
                    earliest = entry;
                }
            }
        }
    }

    private static string Describe(TrailEntry entry) => $"{(entry.IsUndo ? "undo" : "action")} of '{entry.Step}' (number {entry.Number})";
}
