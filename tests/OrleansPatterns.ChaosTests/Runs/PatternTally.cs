using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Runs;

/// <summary>What one pattern was asked for. <paramref name="LongestGap"/> is the longest time in which nobody got what was asked for.</summary>
internal sealed record PatternTally(string Pattern, int Operations, int Refused, int Unknown, TimeSpan LongestGap, int Violations)
{
    internal static PatternTally Of(string pattern, IReadOnlyList<Operation> operations, int violations)
    {
        var answers = operations
            .Where(operation => operation is { Outcome: Outcome.Ok, AnsweredAt: not null })
            .Select(operation => operation.AnsweredAt!.Value)
            .Order()
            .ToList();
        return new PatternTally(
            pattern,
            operations.Count,
            operations.Count(operation => operation.Outcome == Outcome.Refused),
            operations.Count(operation => operation.Outcome == Outcome.Unknown),
            TimeSpan.FromMicroseconds(answers.Zip(answers.Skip(1), (one, next) => next - one).DefaultIfEmpty().Max() / 1000.0),
            violations);
    }
}
