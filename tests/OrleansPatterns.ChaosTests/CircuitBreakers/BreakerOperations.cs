using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>The lines of the histories that the checkers are tested with. Times are in milliseconds.</summary>
internal static class BreakerOperations
{
    internal const string Key = "dep-1";

    private const long Millisecond = 1_000_000;
    private const long Pulse = 200;

    /// <summary>A probe, asked for, let through and ended.</summary>
    internal static Operation[] Probe(string process, long permit, long askedAt, long admittedAt, long? endedAt, string? value = null) =>
    [
        Ask(process, permit, askedAt, admittedAt, value),
        Line(BreakerActions.Probe, process, permit, admittedAt, endedAt, null, endedAt is null ? Outcome.Unknown : Outcome.Ok),
    ];

    internal static Operation Ask(string process, long? permit, long askedAt, long? answeredAt, string? value = null, Outcome outcome = Outcome.Ok) =>
        Line(BreakerActions.Ask, process, permit, askedAt, answeredAt, value, outcome);

    internal static Operation Tell(string process, long permit, long calledAt, long? answeredAt) =>
        Line(BreakerActions.Tell, process, permit, calledAt, answeredAt, null, answeredAt is null ? Outcome.Unknown : Outcome.Ok);

    internal static Operation Pass(string process, long first, long last) => Line(BreakerActions.Pass, process, 7, first, last, null);

    /// <summary>Looks, a pulse apart.</summary>
    internal static IEnumerable<Operation> See(string process, BreakerState state, long from, long until, bool isAlone = false)
    {
        for (var at = from; at < until; at += Pulse)
        {
            yield return Line(isAlone ? BreakerActions.SeeAlone : BreakerActions.See, process, 1, at, Math.Min(at + Pulse, until), $"{state}");
        }
    }

    internal static Operation Isolate(string process, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(BreakerActions.Isolate, process, null, calledAt, answeredAt, null, outcome);

    internal static Operation Close(string process, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(BreakerActions.Close, process, null, calledAt, answeredAt, null, outcome);

    internal static Operation Status(BreakerState byHand, long calledAt, long answeredAt) =>
        Line(BreakerActions.Status, "afterwards", null, calledAt, answeredAt, $"{byHand}");

    /// <summary>The whole check, of lines in any order.</summary>
    internal static IReadOnlyList<string> Violations(params IEnumerable<Operation>[] history)
    {
        var operations = history.SelectMany(lines => lines).ToList();
        var violations = BreakerChecker.Check(operations).Violations;
        operations.Reverse();

        // The order of the lines is that of the files they came from.
        Assert.Equal(violations.Count, BreakerChecker.Check(operations).Violations.Count);
        return violations;
    }

    private static Operation Line(string action, string process, long? token, long calledAt, long? answeredAt, string? value, Outcome outcome = Outcome.Ok) => new()
    {
        Process = process,
        Action = action,
        Key = Key,
        CalledAt = calledAt * Millisecond,
        AnsweredAt = answeredAt * Millisecond,
        Outcome = outcome,
        Token = token,
        Value = value,
    };
}
