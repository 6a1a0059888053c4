using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>The lines of the histories that the checkers are tested with.</summary>
internal static class LockOperations
{
    internal const string Key = "lock-1";

    internal static Operation Acquire(string process, long? token, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(LockActions.Acquire, process, token, calledAt, answeredAt, outcome);

    internal static Operation Hold(string process, long token, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(LockActions.Hold, process, token, calledAt, answeredAt, outcome);

    internal static Operation Release(string process, long token, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(LockActions.Release, process, token, calledAt, answeredAt, outcome);

    internal static Operation Write(string process, long token, long calledAt, long? answeredAt, Outcome outcome = Outcome.Ok) =>
        Line(LockActions.Write, process, token, calledAt, answeredAt, outcome);

    private static Operation Line(string action, string process, long? token, long calledAt, long? answeredAt, Outcome outcome) => new()
    {
        Process = process,
        Action = action,
        Key = Key,
        CalledAt = calledAt,
        AnsweredAt = answeredAt,
        Outcome = outcome,
        Token = token,
    };
}
