using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Idempotency;

public sealed class IdempotencyCheckerTests
{
    private const string Key = "order/1";
    private const string OnceKey = "park/1";

    [Fact]
    public void Violations_OfACorrectHistoryWithFaults_AreNone() => Assert.Empty(IdempotencyChecker.Violations(
        [
            // The first executor died, the second one's answer was lost, and two more got its result.
            Line(Key, IdempotencyActions.Execute, null, Outcome.Unknown, "a"),
            Line(Key, IdempotencyActions.Execute, null, Outcome.Unknown, "b"),
            Line(Key, IdempotencyActions.Execute, null, Outcome.Refused, "c"),
            Line(Key, IdempotencyActions.Execute, "2", Outcome.Ok, "c"),
            Line(Key, IdempotencyActions.Execute, "2", Outcome.Ok, "d"),
            Line(Key, IdempotencyActions.Replay, "2", Outcome.Ok, "e"),

            // Parked after its executor died, and so never acknowledged; asked for again all the same.
            Line(OnceKey, IdempotencyActions.Execute, null, Outcome.Unknown, "a"),
            Line(OnceKey, IdempotencyActions.Replay, null, Outcome.Unknown, "e"),

            // The executor died before the work began.
            Line("park/2", IdempotencyActions.Execute, null, Outcome.Unknown, "a"),
        ],
        [new(Key, "1", "a"), new(Key, "2", "b"), new(OnceKey, "3", "a")]));

    [Fact]
    public void Violations_OfTwoResults_NameBoth() => Finds(
        "order/1: has 2 results: execute by a at 0..10 (value '1', Ok); execute by b at 0..10 (value '2', Ok)",
        [
            Line(Key, IdempotencyActions.Execute, "1", Outcome.Ok, "a"),
            Line(Key, IdempotencyActions.Execute, "2", Outcome.Ok, "b"),
            Line(Key, IdempotencyActions.Replay, "2", Outcome.Ok, "c"),
        ],
        [new(Key, "1", "a"), new(Key, "2", "b")]);

    [Fact]
    public void Violations_OfAReplayWithAnotherResult_NameBoth() => Finds(
        "order/1: has 2 results: execute by a at 0..10 (value '1', Ok); replay by b at 0..10 (value '2', Ok)",
        [Line(Key, IdempotencyActions.Execute, "1", Outcome.Ok, "a"), Line(Key, IdempotencyActions.Replay, "2", Outcome.Ok, "b")],
        [new(Key, "1", "a"), new(Key, "2", "b")]);

    [Fact]
    public void Violations_OfAResultThatNoExecutionHad_NameTheExecutions() => Finds(
        "order/1: execute by a at 0..10 (value '1', Ok) is the result of none of its executions: '2' by b",
        [Line(Key, IdempotencyActions.Execute, "1", Outcome.Ok, "a"), Line(Key, IdempotencyActions.Replay, "1", Outcome.Ok, "c")],
        [new(Key, "2", "b"), new("order/2", "1", "a")]);

    [Fact]
    public void Violations_OfAnAnswerWithoutAResult_AreFound() => Finds(
        "order/1: execute by a at 0..10 (Ok) is the result of none of its executions: there was none",
        [Line(Key, IdempotencyActions.Execute, null, Outcome.Ok, "a"), Line(Key, IdempotencyActions.Replay, null, Outcome.Ok, "c")],
        []);

    [Fact]
    public void Violations_OfWorkThatWasToHappenOnceAtMost_NameItsExecutors() => Finds(
        "park/1: was to be executed at most once, and was 2 times: '1' by a, '2' by b",
        [Line(OnceKey, IdempotencyActions.Execute, null, Outcome.Unknown, "a")],
        [new(OnceKey, "1", "a"), new(OnceKey, "2", "b")]);

    [Fact]
    public void Violations_OfWorkThatNobodyNoted_AreFound() => Finds(
        "park/1: was to be executed at most once, and was 2 times: '1' by a, '2' by b",
        [],
        [new(OnceKey, "1", "a"), new(OnceKey, "2", "b")]);

    [Theory]
    [InlineData(nameof(Outcome.Unknown))]
    [InlineData(nameof(Outcome.Refused))]
    public void Violations_OfAReplayThatGotNothing_NameWhatWasAcknowledged(string outcome) => Finds(
        $"order/1: replay by b at 0..10 ({outcome}) did not get what had been acknowledged: execute by a at 0..10 (value '1', Ok)",
        [Line(Key, IdempotencyActions.Execute, "1", Outcome.Ok, "a"), Line(Key, IdempotencyActions.Replay, null, Enum.Parse<Outcome>(outcome), "b")],
        [new(Key, "1", "a")]);

    [Fact]
    public void Violations_OfAnAcknowledgedKeyThatWasNotReplayed_AreFound() => Finds(
        "order/1: execute by a at 0..10 (value '1', Ok) was acknowledged and never replayed",
        [Line(Key, IdempotencyActions.Execute, "1", Outcome.Ok, "a")],
        [new(Key, "1", "a")]);

    private static void Finds(string violation, Operation[] history, Work[] works) =>
        Assert.Equal(violation, Assert.Single(IdempotencyChecker.Violations(history, works)));

    private static Operation Line(string key, string action, string? value, Outcome outcome, string process) => new()
    {
        Process = process,
        Action = action,
        Key = key,
        CalledAt = 0,
        AnsweredAt = 10,
        Outcome = outcome,
        Value = value,
    };
}
