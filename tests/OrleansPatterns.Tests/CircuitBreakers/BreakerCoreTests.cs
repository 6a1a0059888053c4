using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerCoreTests
{
    /// <summary>The middle of the jitter: exactly the configured duration.</summary>
    private const double NoJitter = 0.5;

    private static readonly Guid Caller = Guid.NewGuid();
    private static readonly BreakerSettings Settings = BreakerSettings.From(new CircuitBreakerOptions());

    private readonly BreakerCore _core = new();

    [Theory]
    [InlineData(90, 10, BreakerState.Open)]
    [InlineData(91, 9, BreakerState.Closed)]
    [InlineData(89, 10, BreakerState.Closed)]
    [InlineData(0, 100, BreakerState.Open)]
    [InlineData(100, 0, BreakerState.Closed)]
    public void Count_AtRatioAndThroughput_OpensAndNotBelowEither(int successes, int failures, BreakerState expected)
    {
        Count(successes, failures, At(0));
        Assert.Equal(expected, _core.Record.State);
    }

    [Fact]
    public void Count_OfTwentyCallersWithSixCallsEach_OpensTheBreakerThatNoneOfThemWouldOpenAlone()
    {
        var opened = 0;
        for (var caller = 1; caller <= 20 && _core.Record.State == BreakerState.Closed; caller++)
        {
            Apply(_core.Count(Guid.NewGuid(), 0, 0, 6, Settings, At(0), NoJitter), At(0));
            opened = caller;
        }

        Assert.Equal((BreakerState.Open, 17), (_core.Record.State, opened));
    }

    [Fact]
    public void Count_AfterTheWindowHasSlidOn_ForgetsOldFailures()
    {
        Count(0, 99, At(0));
        Count(0, 1, At(33));
        Assert.Equal(BreakerState.Closed, _core.Record.State);
        Assert.Equal(1, _core.Describe(Settings, At(33)).Failures);
    }

    [Fact]
    public void Count_OfAnOlderGeneration_ChangesNothing()
    {
        Apply(BreakerRules.Isolate(_core.Record, "by hand"), At(0));
        Apply(BreakerRules.Close(_core.Record), At(1));
        Assert.Same(_core.Record, _core.Count(Caller, generation: 0, 0, 1000, Settings, At(2), NoJitter));
    }

    [Fact]
    public void TryAcquireProbe_BeforeTheBreakIsOver_SaysHowLongToWait()
    {
        Count(0, 100, At(0));
        Assert.Same(_core.Record, _core.BeginProbing(At(4)));
        Assert.Equal((0L, TimeSpan.FromSeconds(1)), _core.TryAcquireProbe(Settings, At(4)));
    }

    [Fact]
    public void TryAcquireProbe_WhileOneIsUnderWay_IsRefusedAndNeverForANegativeTime()
    {
        OpenAndBeginProbing();
        Assert.NotEqual(0, _core.TryAcquireProbe(Settings, At(5)).PermitId);
        Assert.Equal((0L, TimeSpan.FromSeconds(10)), _core.TryAcquireProbe(Settings, At(5)));
    }

    [Fact]
    public void EndProbe_OfAHungProbe_LosesItsPermitAndItsLateAnswerChangesNothing()
    {
        OpenAndBeginProbing();
        var hung = _core.TryAcquireProbe(Settings, At(5)).PermitId;
        var next = _core.TryAcquireProbe(Settings, At(15)).PermitId;
        Assert.NotEqual(0, next);
        Assert.Same(_core.Record, _core.EndProbe(hung, ProbeOutcome.Failed, Settings, At(16), NoJitter));
    }

    [Fact]
    public void EndProbe_Cancelled_FreesThePermitAndClosesNothing()
    {
        OpenAndBeginProbing();
        Probe(ProbeOutcome.Cancelled);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.State);
        Assert.NotEqual(0, _core.TryAcquireProbe(Settings, At(5)).PermitId);
    }

    [Fact]
    public void EndProbe_ThreeSuccesses_Close()
    {
        OpenAndBeginProbing();
        Probe(ProbeOutcome.Succeeded);
        Probe(ProbeOutcome.Succeeded);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.State);
        Probe(ProbeOutcome.Succeeded);
        Assert.Equal((BreakerState.Closed, null), (_core.Record.State, _core.Record.Reason));
    }

    [Fact]
    public void EndProbe_Failed_OpensForTwiceAsLongEachTimeUpToTheMaximum()
    {
        Count(0, 100, At(0));
        var now = TimeSpan.Zero;
        var breaks = new List<double>();
        for (var round = 0; round < 6; round++)
        {
            breaks.Add(_core.Record.BreakDuration.TotalSeconds);
            now += _core.Record.BreakDuration;
            Apply(_core.BeginProbing(now), now);
            var permit = _core.TryAcquireProbe(Settings, now).PermitId;
            Apply(_core.EndProbe(permit, ProbeOutcome.Failed, Settings, now, NoJitter), now);
        }

        Assert.Equal([5, 10, 20, 40, 60, 60], breaks);
    }

    [Fact]
    public void Reopen_WithAllTheJitter_NeverBreaksForLongerThanTheMaximum()
    {
        var record = new BreakerRecord { State = BreakerState.HalfOpen, Reopenings = 9 };
        Assert.Equal(Settings.MaxBreakDuration, BreakerRules.Reopen(record, Settings, random: 1).BreakDuration);
    }

    [Fact]
    public void Restore_OfAnOpenRecord_StaysOpenForOneWholeBreak()
    {
        _core.Restore(new BreakerRecord { State = BreakerState.Open, Generation = 7, BreakDuration = TimeSpan.FromSeconds(20) }, Settings.ProbeLease, At(100));
        Assert.Equal(TimeSpan.FromSeconds(20), _core.Snapshot(At(100)).OpenFor);
        Assert.Same(_core.Record, _core.BeginProbing(At(119)));
        Assert.Equal(BreakerState.HalfOpen, _core.BeginProbing(At(120)).State);
    }

    [Fact]
    public void Restore_OfAHalfOpenRecord_WaitsForProbesItDoesNotKnow()
    {
        _core.Restore(new BreakerRecord { State = BreakerState.HalfOpen, Generation = 7 }, Settings.ProbeLease, At(100));
        Assert.Equal((0L, TimeSpan.FromSeconds(10)), _core.TryAcquireProbe(Settings, At(100)));
        Assert.Equal(8, _core.BeginProbing(At(110)).Generation);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Apply(BreakerRecord next, TimeSpan now) => _core.Apply(next, now);

    private void Count(int successes, int failures, TimeSpan now) =>
        Apply(_core.Count(Caller, _core.Record.Generation, successes, failures, Settings, now, NoJitter), now);

    private void OpenAndBeginProbing()
    {
        Count(0, 100, At(0));
        Apply(_core.BeginProbing(At(5)), At(5));
        Assert.Equal(BreakerState.HalfOpen, _core.Record.State);
    }

    private void Probe(ProbeOutcome outcome)
    {
        var permit = _core.TryAcquireProbe(Settings, At(5)).PermitId;
        Apply(_core.EndProbe(permit, outcome, Settings, At(5), NoJitter), At(5));
    }
}
