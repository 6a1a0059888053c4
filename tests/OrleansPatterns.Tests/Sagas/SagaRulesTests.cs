using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaRulesTests
{
    private static readonly SagaRetry TwoAttempts = new() { MaxAttempts = 2 };

    /// <summary>a and b can be undone, c has nothing to undo.</summary>
    private static readonly SagaDefinition Definition = SagaDefinitionTests.Describe(saga =>
    {
        saga.Step("a").Do(Nothing).Compensate(Nothing).Retry(TwoAttempts).RetryCompensation(TwoAttempts);
        saga.Step("b").Do(Nothing).Compensate(Nothing).Retry(TwoAttempts).RetryCompensation(TwoAttempts);
        saga.Step("c").Do(Nothing).Retry(TwoAttempts);
    }).Definition;

    private static readonly SagaStart Wish = new() { Definition = "test", DataJson = "{}" };

    [Fact]
    public void Start_NewRecord_HasTheFirstAttemptBegunInTheSameWrite()
    {
        var (record, move) = SagaRules.Start(Definition, new SagaRecord(), Wish);

        Assert.Equal("Running/a=Running 1", Show(record));
        Assert.Equal(1, record.Revision);
        Assert.Equal(SagaMove.Run(0, SagaDirection.Action, 1), move);
    }

    [Fact]
    public void Compare_TellsSameFromOther()
    {
        Assert.Equal(SagaStartOutcome.Started, SagaRules.Compare(new SagaRecord(), Wish));
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(Started(), Wish));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(Started(), Wish with { DataJson = "{ }" }));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(Started(), Wish with { Definition = "other" }));
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(Run(Started(), "a+").Record, Wish));
    }

    /// <summary>
    /// Answers in order; <c>+</c> done, <c>-</c> rejected, <c>!</c> failed, <c>x</c> resumed, <c>C</c> cancelled, <c>R</c> retried.
    /// </summary>
    [Theory]
    [InlineData("+", "Running/a=Succeeded 1/b=Running 1", "Action 1#1")]
    [InlineData("+ +", "Running/a=Succeeded 1/b=Succeeded 1/c=Running 1", "Action 2#1")]
    [InlineData("+ + +", "Completed/a=Succeeded 1/b=Succeeded 1/c=Succeeded 1", "None")]
    [InlineData("-", "Compensated/a=Rejected 1", "None")]
    [InlineData("+ -", "Compensating/a=Compensating 1 1/b=Rejected 1", "Compensation 0#1")]
    [InlineData("+ - +", "Compensated/a=Compensated 1 1/b=Rejected 1", "None")]
    [InlineData("!", "Running/a=Running 1", "Wait")]
    [InlineData("! x", "Running/a=Running 2", "Action 0#2")]
    [InlineData("! x +", "Running/a=Succeeded 2/b=Running 1", "Action 1#1")]
    [InlineData("! x !", "Compensating/a=Compensating 2 1", "Compensation 0#1")]
    [InlineData("! x -", "Compensated/a=Rejected 2", "None")]
    [InlineData("+ ! x ! +", "Compensating/a=Compensating 1 1/b=Compensated 2 1", "Compensation 0#1")]
    [InlineData("+ + ! x !", "Compensating/a=Succeeded 1/b=Compensating 1 1/c=Unknown 2", "Compensation 1#1")]
    [InlineData("+ + -", "Compensating/a=Succeeded 1/b=Compensating 1 1/c=Rejected 1", "Compensation 1#1")]
    [InlineData("+ - !", "Compensating/a=Compensating 1 1/b=Rejected 1", "Wait")]
    [InlineData("+ - ! x !", "Stuck/a=CompensationFailed 1 2/b=Rejected 1", "None")]
    [InlineData("+ - ! x -", "Stuck/a=CompensationFailed 1 2/b=Rejected 1", "None")]
    [InlineData("+ - ! x ! R", "Compensating/a=Compensating 1 3/b=Rejected 1", "Compensation 0#3")]
    [InlineData("+ - ! x ! R ! x !", "Stuck/a=CompensationFailed 1 4/b=Rejected 1", "None")]
    [InlineData("+ - ! x ! R +", "Compensated/a=Compensated 1 3/b=Rejected 1", "None")]
    [InlineData("x", "Running/a=Running 2", "Action 0#2")]
    [InlineData("x x x x", "Running/a=Running 5", "Action 0#5")]
    [InlineData("x x x x x", "Compensating/a=Compensating 5 1", "Compensation 0#1")]
    [InlineData("x x x x !", "Running/a=Running 5", "Wait")]
    [InlineData("+ - x x x x", "Compensating/a=Compensating 1 5/b=Rejected 1", "Compensation 0#5")]
    [InlineData("+ - x x x x x", "Stuck/a=CompensationFailed 1 5/b=Rejected 1", "None")]
    [InlineData("+ - x x x x x R", "Compensating/a=Compensating 1 6/b=Rejected 1", "Compensation 0#6")]
    [InlineData("C +", "Compensating/a=Compensating 1 1", "Compensation 0#1")]
    [InlineData("C -", "Compensated/a=Rejected 1", "None")]
    [InlineData("C !", "Compensating/a=Compensating 1 1", "Compensation 0#1")]
    [InlineData("C x", "Compensating/a=Compensating 1 1", "Compensation 0#1")]
    [InlineData("! C x", "Compensating/a=Compensating 1 1", "Compensation 0#1")]
    [InlineData("+ + C +", "Compensating/a=Succeeded 1/b=Compensating 1 1/c=Succeeded 1", "Compensation 1#1")]
    [InlineData("+ + + C", "Completed/a=Succeeded 1/b=Succeeded 1/c=Succeeded 1", "None")]
    [InlineData("+ - C", "Compensating/a=Compensating 1 1/b=Rejected 1", "None")]
    [InlineData("+ - + C x R", "Compensated/a=Compensated 1 1/b=Rejected 1", "None")]
    public void Answers_InOrder_LeadTo(string answers, string expected, string expectedMove)
    {
        var (record, move) = Run(Started(), answers);

        Assert.Equal(expected, Show(record));
        Assert.Equal(expectedMove, Show(move));
    }

    [Theory]
    [InlineData("! x !", "0", true)]
    [InlineData("+ -", "0", false)]
    [InlineData("C !", "0", true)]
    [InlineData("C +", "0", false)]
    [InlineData("x x x x x", "0", true)]
    public void Compensation_KnowsWhetherTheStepHappened(string answers, string step, bool isUnknown) =>
        Assert.Equal(isUnknown, Run(Started(), answers).Record.Steps[int.Parse(step, null)].IsOutcomeUnknown);

    [Fact]
    public void Complete_AnyButTheOpenAttempt_ChangesNothing()
    {
        var secondAttempt = Run(Started(), "x").Record;
        var failed = Run(Started(), "!").Record;
        var compensating = Run(Started(), "+ -").Record;
        var completed = Run(Started(), "+ + +").Record;

        AssertIgnored(secondAttempt, Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded));
        AssertIgnored(secondAttempt, Answer(0, SagaDirection.Compensation, 2, SagaAttemptOutcome.Succeeded));
        AssertIgnored(secondAttempt, Answer(1, SagaDirection.Action, 2, SagaAttemptOutcome.Succeeded));
        AssertIgnored(secondAttempt, Answer(7, SagaDirection.Action, 2, SagaAttemptOutcome.Succeeded));
        AssertIgnored(failed, Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded));
        AssertIgnored(compensating, Answer(1, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded));
        AssertIgnored(compensating, Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded));
        AssertIgnored(completed, Answer(2, SagaDirection.Action, 1, SagaAttemptOutcome.Failed));
        AssertIgnored(new SagaRecord(), Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded));
    }

    [Fact]
    public void Data_IsThatOfTheLastSuccess()
    {
        var record = Started();
        var success = Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Succeeded) with { DataJson = "1" };
        var failure = Answer(1, SagaDirection.Action, 1, SagaAttemptOutcome.Failed) with { DataJson = "2" };
        record = SagaRules.Complete(Definition, record, success, jitter: 0).Record;
        record = SagaRules.Complete(Definition, record, failure, jitter: 0).Record;
        Assert.Equal("1", record.DataJson);
    }

    [Theory]
    [InlineData(0.0, 200)]
    [InlineData(1.0, 100)]
    public void BackOff_IsShortenedByUpToHalf(double jitter, double milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            SagaRules.Complete(Definition, Started(), Answer(0, SagaDirection.Action, 1, SagaAttemptOutcome.Failed), jitter).Move.Delay);

    [Fact]
    public void BackOff_DoublesUpToItsBound()
    {
        var retry = new SagaRetry { MaxAttempts = 1000 };
        var patient = SagaDefinitionTests.Describe(saga => saga.Step("a").Do(Nothing).Retry(retry)).Definition;
        var record = SagaRules.Start(patient, new SagaRecord(), Wish).Record;
        var delays = new List<double>();
        for (var attempt = 1; attempt < 1000; attempt++)
        {
            var failure = Answer(0, SagaDirection.Action, attempt, SagaAttemptOutcome.Failed);
            var (failed, move) = SagaRules.Complete(patient, record, failure, jitter: 0);
            delays.Add(move.Delay.TotalMilliseconds);
            record = SagaRules.Resume(patient, failed).Record;
        }

        Assert.Equal([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000], delays.Take(8));
        Assert.Equal(10_000, delays[^1]);
    }

    [Fact]
    public void Park_RunningThenRetry_GoesOnWithTheStepThatWasLost()
    {
        var running = Run(Started(), "+").Record;
        var parked = SagaRules.Park(running, "no such version").Record;

        Assert.Equal("Stuck/a=Succeeded 1/b=Running 1", Show(parked));
        Assert.Equal("no such version", parked.StuckReason);
        var retried = SagaRules.Resume(Definition, SagaRules.Retry(parked));
        Assert.Equal("Running/a=Succeeded 1/b=Running 2", Show(retried.Record));
        Assert.Null(retried.Record.StuckReason);
        Assert.Equal("Action 1#2", Show(retried.Move));
        Assert.Equal(
            "Compensating/a=Succeeded 1/b=Compensating 1 1", Show(SagaRules.Resume(Definition, SagaRules.Cancel(parked)).Record));
    }

    [Fact]
    public void Reasons_AreThoseOfTheFirstFailure()
    {
        Assert.Equal("Step 'b' was rejected: Rejected", Run(Started(), "+ - ! x !").Record.CompensationReason);
        Assert.Equal(
            "The compensation of step 'a' failed 2 times: Failed", Run(Started(), "+ - ! x !").Record.StuckReason);
        Assert.Equal("Step 'a' failed 2 times: Failed", Run(Started(), "! x !").Record.CompensationReason);
        Assert.Equal("It was cancelled.", Run(Started(), "+ C +").Record.CompensationReason);
        Assert.Contains("cut off 5 times", Run(Started(), "x x x x x").Record.CompensationReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Mismatch_NamesWhatIsMissing()
    {
        var record = Started();
        Assert.Null(SagaRules.Mismatch(Definition, record));
        Assert.Equal(
            "Version 1 of saga definition 'test' is not registered on this silo. Register it on every silo, then retry the saga.",
            SagaRules.Mismatch(null, record));
        Assert.StartsWith(
            "Version 1 of saga definition 'test' has the steps [a, b], but this saga began with [a, b, c].",
            SagaRules.Mismatch(Definition with { Steps = Definition.Steps[..2] }, record),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Revision_GrowsWithEachChange()
    {
        var record = Run(Started(), "+ C ! x ! x R").Record;
        Assert.True(record.Revision >= 6);
        Assert.Equal(record.Revision + 1, SagaRules.Abandon(record).Record.Revision);
    }

    private static SagaRecord Started() => SagaRules.Start(Definition, new SagaRecord(), Wish).Record;

    private static SagaDecision Run(SagaRecord record, string answers)
    {
        var decision = new SagaDecision(record, SagaMove.None);
        foreach (var answer in answers.Split(' '))
        {
            var current = decision.Record;
            decision = answer[^1] switch
            {
                'x' => SagaRules.Resume(Definition, current),
                'C' => new(SagaRules.Cancel(current), SagaMove.None),
                'R' => SagaRules.Resume(Definition, SagaRules.Retry(current)),
                '+' => Complete(current, SagaAttemptOutcome.Succeeded),
                '-' => Complete(current, SagaAttemptOutcome.Rejected),
                _ => Complete(current, SagaAttemptOutcome.Failed),
            };
        }

        return decision;
    }

    private static SagaDecision Complete(SagaRecord record, SagaAttemptOutcome outcome)
    {
        var step = record.Steps.ToList().FindIndex(step => step.Action.IsOpen || step.Compensation.IsOpen);
        var direction = record.Steps[step].Action.IsOpen ? SagaDirection.Action : SagaDirection.Compensation;
        var tally = direction == SagaDirection.Action ? record.Steps[step].Action : record.Steps[step].Compensation;
        return SagaRules.Complete(Definition, record, Answer(step, direction, tally.Begun, outcome), jitter: 0);
    }

    private static SagaAttemptReport Answer(int step, SagaDirection direction, int attempt, SagaAttemptOutcome outcome) =>
        new() { Step = step, Direction = direction, Attempt = attempt, Outcome = outcome, Error = outcome.ToString() };

    private static void AssertIgnored(SagaRecord record, SagaAttemptReport report)
    {
        var decision = SagaRules.Complete(Definition, record, report, jitter: 0);
        Assert.Same(record, decision.Record);
        Assert.Equal(SagaMove.None, decision.Move);
    }

    private static string Show(SagaRecord record) => string.Join('/', record.Steps
        .Where(step => step.State != SagaStepState.Pending)
        .Select(step => $"{step.Name}={step.State} {step.Action.Begun}{(step.Compensation.Begun > 0 ? $" {step.Compensation.Begun}" : "")}")
        .Prepend(record.Phase.ToString()));

    private static string Show(SagaMove move) =>
        move.Kind == SagaMoveKind.Run ? $"{move.Direction} {move.Step}#{move.Attempt}" : move.Kind.ToString();

    private static Task Nothing(SagaStepContext<OrderData> context, CancellationToken cancellationToken) => Task.CompletedTask;
}
