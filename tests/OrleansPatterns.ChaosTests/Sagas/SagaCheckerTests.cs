using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Sagas;

public sealed class SagaCheckerTests
{
    private const string Saga = "saga-1";

    /// <summary>Two of them at the same time.</summary>
    private static readonly (string Step, int Stage)[] Steps = [("reserve", 0), ("charge", 1), ("pack", 1), ("ship", 2)];

    private static readonly string[] AllSteps = [.. Steps.Select(step => step.Step)];

    [Fact]
    public void Violations_OfACorrectHistoryWithFaults_AreNone() => Assert.Empty(SagaChecker.Violations(
        [
            Start("completed", Outcome.Ok), Start("compensated", Outcome.Ok), Start("stuck", Outcome.Ok), Start("parked", Outcome.Unknown),
            Start("given-up", Outcome.Unknown), Start("arrived", Outcome.Unknown), Start("lost", Outcome.Unknown), Start("refused", Outcome.Refused),

            // The second attempt tells that there is one already.
            Start("again", Outcome.Unknown), Start("again", Outcome.Refused),
        ],
        new Dictionary<string, SagaEnd>
        {
            ["completed"] = new(nameof(SagaPhase.Completed), null),
            ["compensated"] = new(nameof(SagaPhase.Compensated), null),
            ["stuck"] = new(nameof(SagaPhase.Stuck), "an undo failed"),
            ["parked"] = new(nameof(SagaPhase.Parked), "it takes silos down"),
            ["given-up"] = new(nameof(SagaPhase.GivenUp), "by an operator"),
            ["arrived"] = new(nameof(SagaPhase.Completed), null),
            ["again"] = new(nameof(SagaPhase.Compensated), null),
        },
        [.. Effects("completed", AllSteps), .. Effects("stuck", "reserve"), .. Effects("parked", "reserve", "charge"), .. Effects("arrived", AllSteps)],
        [
            // Bodies begin again after a crash, and those of one stage in any order.
            .. Trail("completed", "+reserve", "+reserve", "+pack", "+charge", "+pack", "+ship"),
            .. Trail("compensated", "+reserve", "+pack", "+charge", "+ship", "-ship", "-ship", "-charge", "-pack", "-charge", "-reserve", "-reserve"),
            .. Trail("stuck", "+reserve", "+charge", "-charge"),
        ],
        Steps));

    [Fact]
    public void Violations_OfAnAcknowledgedSagaThatDoesNotExist_NameItsStart() => Assert.Equal(
        "saga-1: start by worker-1#1 at 0..10 (Ok) was acknowledged, and there is no such saga",
        Assert.Single(SagaChecker.Violations([Start(Saga, Outcome.Ok)], new Dictionary<string, SagaEnd>(), [], [], Steps)));

    [Theory]
    [InlineData(nameof(SagaPhase.Running))]
    [InlineData(nameof(SagaPhase.Compensating))]
    [InlineData(nameof(SagaPhase.None))]
    public void Violations_OfASagaThatHasNotEnded_NameItsPhase(string phase) =>
        Finds($"saga-1: has not come to an end: it is {phase}", new SagaEnd(phase, "a reason"), [], []);

    [Theory]
    [InlineData(nameof(SagaPhase.Stuck), null)]
    [InlineData(nameof(SagaPhase.Parked), "")]
    [InlineData(nameof(SagaPhase.GivenUp), " ")]
    public void Violations_OfASagaThatStoppedWithoutAReason_NameItsPhase(string phase, string? reason) =>
        Finds($"saga-1: is {phase} and does not say why", new SagaEnd(phase, reason), [], []);

    [Theory]
    [InlineData("'charge' 0 effects stand instead of 1", "reserve", "pack", "ship")]
    [InlineData("'charge' 2 effects stand instead of 1", "reserve", "charge", "charge", "pack", "ship")]
    [InlineData("'gift' 1 effects stand instead of 0", "reserve", "charge", "pack", "ship", "gift")]
    public void Violations_OfACompletedSagaWithTheWrongEffects_NameTheStep(string expected, params string[] standing) =>
        Finds($"saga-1: is Completed, and of {expected}", new SagaEnd(nameof(SagaPhase.Completed), null), Effects(Saga, standing), []);

    [Fact]
    public void Violations_OfACompensatedSagaWithEffects_NameThem() => Finds(
        "saga-1: is Compensated, and there stand effects of 'reserve', 'ship'",
        new SagaEnd(nameof(SagaPhase.Compensated), null),
        Effects(Saga, "reserve", "ship"),
        []);

    [Fact]
    public void Violations_OfAnActionAfterTheFirstUndo_NameBoth() => Finds(
        "saga-1: action of 'pack' (number 4) began after the first undo of 'charge' (number 3)",
        new SagaEnd(nameof(SagaPhase.Compensated), null),
        [],
        Trail(Saga, "+reserve", "+charge", "-charge", "+pack", "-reserve"));

    [Fact]
    public void Violations_OfAnUndoAfterThatOfAnEarlierStage_NameBoth() => Finds(
        "saga-1: undo of 'charge' (number 5) of stage 1 began after undo of 'reserve' (number 4) of stage 0",
        new SagaEnd(nameof(SagaPhase.Compensated), null),
        [],
        Trail(Saga, "+reserve", "+charge", "-charge", "-reserve", "-charge", "-reserve"));

    [Fact]
    public void Violations_OfAnUndoByAnAttemptThatWasReplacedBefore_AreNone() => Assert.Empty(Of(
        new SagaEnd(nameof(SagaPhase.Compensated), null), [], Trail(Saga, "+reserve", "+charge", "-charge#2", "-reserve", "-charge#1")));

    [Fact]
    public void Violations_OfATrail_GoByItsNumbers()
    {
        TrailEntry[] backwards = [.. Trail(Saga, "+reserve", "+charge", "-charge", "-reserve").Reverse()];
        Assert.Empty(Of(new SagaEnd(nameof(SagaPhase.Compensated), null), [], backwards));
    }

    [Fact]
    public void Violations_OfABodyOfNoStep_AreFound() => Finds(
        "saga-1: action of 'gift' (number 1) is of no step of the saga",
        new SagaEnd(nameof(SagaPhase.Compensated), null),
        [],
        Trail(Saga, "+gift"));

    [Fact]
    public void Violations_OfEffectsOfASagaThatNobodyStarted_NameThem() => Assert.Equal(
        ["saga-2: nobody started it, and there stand effects of 'reserve'", "saga-3: nobody started it, and there stand effects of 'ship'"],
        SagaChecker.Violations(
            [Start("saga-2", Outcome.Refused)],
            new Dictionary<string, SagaEnd>(),
            [.. Effects("saga-2", "reserve"), .. Effects("saga-3", "ship")],
            [],
            Steps));

    [Fact]
    public void Violations_OfEffectsOfASagaThatVanished_NameItsStart() => Assert.Equal(
        "saga-1: there is no such saga, and there stand effects of 'reserve', begun by start by worker-1#1 at 0..10 (Unknown)",
        Assert.Single(SagaChecker.Violations(
            [Start(Saga, Outcome.Unknown)], new Dictionary<string, SagaEnd>(), Effects(Saga, "reserve"), [], Steps)));

    private static void Finds(string violation, SagaEnd end, Effect[] effects, TrailEntry[] trail) =>
        Assert.Equal(violation, Assert.Single(Of(end, effects, trail)));

    private static IEnumerable<string> Of(SagaEnd end, Effect[] effects, TrailEntry[] trail) =>
        SagaChecker.Violations([Start(Saga, Outcome.Ok)], new Dictionary<string, SagaEnd> { [Saga] = end }, effects, trail, Steps);

    private static Operation Start(string saga, Outcome outcome) => new()
    {
        Process = "worker-1#1",
        Action = SagaActions.Start,
        Key = saga,
        CalledAt = 0,
        AnsweredAt = 10,
        Outcome = outcome,
    };

    private static Effect[] Effects(string saga, params string[] steps) => [.. steps.Select(step => new Effect(saga, step))];

    /// <param name="saga">The saga's id.</param>
    /// <param name="bodies">The step's name after a plus for its action, a minus for its undo; and the attempt after a hash, if it is not the first.</param>
    private static TrailEntry[] Trail(string saga, params string[] bodies) =>
        [
            .. bodies.Select(body => body.Split('#')).Select((body, index) => new TrailEntry(
                index + 1, saga, body[0][1..], IsUndo: body[0][0] == '-', body.Length > 1 ? int.Parse(body[1], CultureInfo.InvariantCulture) : 1)),
        ];
}
