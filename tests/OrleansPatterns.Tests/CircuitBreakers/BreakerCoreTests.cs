using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerCoreTests
{
    private const string Caller = "one";

    private readonly BreakerCore _core = new();
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    [Fact]
    public void Count_BelowTheThroughputOrTheRatio_StaysClosed()
    {
        Count(successes: 0, failures: 99);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
        Count(successes: 892, failures: 0);
        Count(successes: 9, failures: 0);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
        Count(successes: 0, failures: 1);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
        Count(successes: 0, failures: 2);
        Assert.Equal((BreakerState.Open, 1L), (_core.Record.Cluster.State, _core.Record.Cluster.Generation));
    }

    [Fact]
    public void Count_OfFailuresThatHaveLeftTheWindow_StaysClosed()
    {
        Count(successes: 0, failures: 99);
        _now += Defaults.SamplingDuration;
        Count(successes: 0, failures: 99);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
        Count(successes: 0, failures: 1);
        Assert.Equal(BreakerState.Open, _core.Record.Cluster.State);
    }

    [Fact]
    public void Count_OfAnotherGeneration_ChangesNothing()
    {
        TripNow();
        Apply(_core.Close(author: null, At(_now)));
        Assert.Equal(2, _core.Record.Cluster.Generation);
        foreach (var generation in new long[] { 0, 1, 3 })
        {
            Count(successes: 0, failures: 1000, generation);
        }

        var status = _core.Describe(Defaults, _now);
        Assert.Equal((BreakerState.Closed, 0, 0), (status.Snapshot.State, status.Failures, status.Callers));
    }

    [Fact]
    public void Count_WhileOpen_ChangesNothing()
    {
        TripNow();
        var record = _core.Record;
        Count(successes: 0, failures: 1000, record.Cluster.Generation);
        Assert.Same(record, _core.Record);
        Assert.Equal(0, _core.Describe(Defaults, _now).Failures);
    }

    [Fact]
    public void Open_UntilTheBreakIsOver_GivesNoPermit()
    {
        TripNow();
        _now += Seconds(5) - TimeSpan.FromTicks(1);
        Assert.Equal((0L, TimeSpan.FromTicks(1)), Ask());
        Assert.Equal((BreakerState.Open, TimeSpan.FromTicks(1)), (_core.Record.Cluster.State, _core.Snapshot(Caller, _now).OpenFor));
        _now += TimeSpan.FromTicks(1);
        Assert.NotEqual(0, Ask().PermitId);
        Assert.Equal((BreakerState.HalfOpen, TimeSpan.Zero), (_core.Record.Cluster.State, _core.Snapshot(Caller, _now).OpenFor));
    }

    [Fact]
    public void HalfOpen_GivesOnePermitAtATime()
    {
        var first = HalfOpen();
        _now += Seconds(4);
        Assert.Equal((0L, Seconds(0.5)), Ask());
        End(first, CallOutcome.Succeeded);
        Assert.NotEqual(first, Ask().PermitId);
        _now += Seconds(9.75);
        Assert.Equal((0L, Seconds(0.25)), Ask());
    }

    [Theory]
    [InlineData(CallOutcome.Succeeded)]
    [InlineData(CallOutcome.Failed)]
    [InlineData(CallOutcome.Cancelled)]
    public void HungProbe_LosesItsPermit_AndItsLateAnswerChangesNothing(CallOutcome late)
    {
        var hung = HalfOpen();
        _now += Defaults.ProbeLease;
        End(hung, late);
        var next = Ask().PermitId;
        Assert.NotEqual(0, next);
        Assert.NotEqual(hung, next);
        var record = _core.Record;
        End(hung, late);
        Assert.Same(record, _core.Record);
        Assert.Equal(0, Ask().PermitId);

        // None of the late answers counts as one of the three.
        End(next, CallOutcome.Succeeded);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
    }

    [Fact]
    public void CancelledProbe_FreesThePermitAndDecidesNothing()
    {
        End(HalfOpen(), CallOutcome.Cancelled);
        var generation = _core.Record.Cluster.Generation;
        for (var probe = 0; probe < 5; probe++)
        {
            var permit = Ask().PermitId;
            Assert.NotEqual(0, permit);
            End(permit, CallOutcome.Cancelled);
        }

        Assert.Equal((BreakerState.HalfOpen, generation, 0), (_core.Record.Cluster.State, _core.Record.Cluster.Generation, _core.Record.Cluster.SuccessfulProbes));
    }

    [Fact]
    public void RepeatedProbeReport_CountsOnce()
    {
        var first = HalfOpen();
        for (var repetition = 0; repetition < 5; repetition++)
        {
            End(first, CallOutcome.Succeeded);
        }

        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
    }

    [Fact]
    public void ThreeSuccesses_Close()
    {
        End(HalfOpen(), CallOutcome.Succeeded);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal((BreakerState.Closed, (string?)null), (_core.Record.Cluster.State, _core.Record.Cluster.Reason));
    }

    [Fact]
    public void OneFailure_ReopensForTwiceAsLongAndForgetsTheSuccesses()
    {
        End(HalfOpen(), CallOutcome.Succeeded);
        End(Ask().PermitId, CallOutcome.Succeeded);
        End(Ask().PermitId, CallOutcome.Failed);
        foreach (var seconds in new[] { 10, 20, 40, 60, 60 })
        {
            Assert.Equal((BreakerState.Open, Seconds(seconds)), (_core.Record.Cluster.State, _core.Snapshot(Caller, _now).OpenFor));
            _now += Seconds(seconds);
            End(Ask().PermitId, CallOutcome.Failed);
        }

        _now += Seconds(60);
        End(Ask().PermitId, CallOutcome.Succeeded);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
    }

    [Fact]
    public void Permits_OfAnOlderGeneration_ChangeNothing()
    {
        var old = HalfOpen();
        Apply(_core.Hold(Isolation("by hand"), endsAt: null, At(_now)));
        End(old, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.Isolated, _core.Snapshot(Caller, _now).State);
        Apply(_core.Close(author: null, At(_now)));
        TripNow();
        _now += Seconds(5);
        var permit = Ask().PermitId;
        End(old, CallOutcome.Failed);
        Assert.NotEqual(old, permit);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
    }

    [Fact]
    public void Isolated_NeverProbes()
    {
        Apply(_core.Hold(Isolation("by hand"), endsAt: null, At(_now)));
        _now += Seconds(1_000_000);
        Assert.Equal((0L, TimeSpan.Zero), Ask());
        Assert.Equal(BreakerState.Isolated, _core.Snapshot(Caller, _now).State);
    }

    [Fact]
    public void RetryAfter_IsNeverNegative()
    {
        var random = new Random(20260101);
        for (var step = 0; step < 5_000; step++)
        {
            _now += Seconds(random.NextDouble() * 4);
            Count(random.Next(5), random.Next(40), _core.Record.Cluster.Generation);
            var snapshot = _core.Snapshot(Caller, _now);
            Assert.InRange(snapshot.OpenFor, TimeSpan.Zero, Defaults.MaxBreakDuration);
            var (permit, retryAfter) = Ask();
            Assert.InRange(retryAfter, TimeSpan.Zero, Defaults.MaxBreakDuration);
            if (permit != 0 && random.Next(3) > 0)
            {
                _now += Seconds(random.NextDouble() * 12);
                End(permit, (CallOutcome)random.Next(1, 4));
            }
        }
    }

    [Fact]
    public void Restore_Open_StaysOpenOneWholeBreak()
    {
        var record = new BreakerRecord
        {
            Version = 5,
            Cluster = new BreakerCircuit { State = BreakerState.Open, Generation = 5, BreakDuration = Seconds(20), Reopenings = 2 },
        };
        _core.Restore(record, overrideFor: null, Defaults, _now);
        Assert.Equal((0L, Seconds(20)), Ask());
        _now += Seconds(20);
        var permit = Ask().PermitId;
        Assert.NotEqual(0, permit);
        End(permit, CallOutcome.Failed);
        Assert.Equal(Seconds(40), _core.Record.Cluster.BreakDuration);
    }

    [Fact]
    public void Restore_HalfOpen_KeepsTheBudgetOfProbes()
    {
        End(HalfOpen(), CallOutcome.Succeeded);
        var underWay = Ask().PermitId;
        _core.Restore(_core.Record, overrideFor: null, Defaults, _now);

        // One probe is still under way, for a whole lease once more, and one has succeeded.
        _now += Seconds(9);
        Assert.Equal(0, Ask().PermitId);
        End(underWay, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.HalfOpen, _core.Record.Cluster.State);
        End(Ask().PermitId, CallOutcome.Succeeded);
        Assert.Equal(BreakerState.Closed, _core.Record.Cluster.State);
    }

    [Fact]
    public void EndProbe_WithoutAnOutcome_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => End(HalfOpen(), CallOutcome.None));

    private void Count(int successes, int failures, long generation = 0) =>
        Apply(_core.Count(Caller, generation, new CallTally(successes, failures), Defaults, At(_now)));

    private void TripNow() => Count(successes: 0, failures: 100, _core.Record.Cluster.Generation);

    /// <summary>As the grain asks: a break that is over ends first.</summary>
    private (long PermitId, TimeSpan RetryAfter) Ask()
    {
        var (next, permit, retryAfter) = _core.AcquireProbe(Caller, Defaults, At(_now));
        Apply(next);
        return (permit, retryAfter);
    }

    private void End(long permit, CallOutcome outcome) => Apply(_core.EndProbe(permit, outcome, Defaults, At(_now)));

    private long HalfOpen()
    {
        TripNow();
        _now += Seconds(5);
        return Ask().PermitId;
    }

    private void Apply(BreakerRecord next) => _core.Apply(next, Defaults, _now);
}
