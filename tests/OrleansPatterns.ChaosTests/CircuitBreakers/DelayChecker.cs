using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Calls that coordination kept for too long, before or after their own time.</summary>
internal static class DelayChecker
{
    /// <param name="operations">Of all breakers.</param>
    /// <param name="bound">For how long it may, while the process runs.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> operations, TimeSpan bound)
    {
        var runs = BreakerSights.Runs(operations);
        return operations
            .Where(operation => operation.Action is BreakerActions.Ask or BreakerActions.Tell && !IsThrown(operation))
            .Where(operation => !(operation.AnsweredAt - operation.CalledAt <= bound.TotalNanoseconds))
            .Select(operation => (Operation: operation, Kept: Kept(operation, runs)))
            .Where(kept => kept.Kept > bound)
            .Select(kept => string.Create(
                CultureInfo.InvariantCulture, $"{kept.Operation.Key}: {kept.Operation.Describe()} kept a call for {kept.Kept.TotalSeconds:0.0} s"));
    }

    /// <summary>When it was is not noted, and it is a surprise anyway.</summary>
    private static bool IsThrown(Operation operation) => operation is { Outcome: Outcome.Unknown, Detail: not null };

    /// <summary>What goes on in a pause is over at its end, so that it does not count. Without an answer, until its process was no more.</summary>
    private static TimeSpan Kept(Operation operation, ILookup<string, (long From, long Until)> runs) => TimeSpan.FromMicroseconds(runs[operation.Process]
        .Select(run => Math.Min(run.Until, operation.AnsweredAt ?? run.Until) - Math.Max(run.From, operation.CalledAt))
        .Where(both => both > 0)
        .Sum() / 1000.0);
}
