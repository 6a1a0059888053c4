using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Server.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What one activation of a breaker's grain does, on a store that the test plays and a clock that it moves.</summary>
public sealed class ClusterBreakerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly RecordedLog<ClusterBreaker> _log = new();
    private readonly RecordedTransitions _heard = new();
    private readonly PlayedStore _store = new();
    private readonly BreakerSettings _settings = Defaults with { MinimumThroughput = 10, FailureRatio = 0.5 };

    [Fact]
    public async Task CallerThatIsGone_IsForgotten_ButNotWhileItsProbeIsUnderWay()
    {
        var breaker = Activate();
        var (good, bad) = (Guid.NewGuid(), Guid.NewGuid());
        await breaker.ReportAsync(Report(0, successes: 10, caller: "good", epoch: good, settings: _settings));
        Assert.Equal(BreakerState.LocalOpen, (await breaker.ReportAsync(Report(10, caller: "bad", epoch: bad, settings: _settings))).State);
        _time.Advance(Seconds(5.5));
        Assert.NotEqual(0, (await breaker.TryAcquireProbeAsync("bad", version: 0, _settings with { ProbeLease = Seconds(10) })).PermitId);

        // A new activation begins the lease anew, and has to hear of everybody first.
        breaker = Activate();
        await HeartbeatsAsync(breaker, seconds: 5);
        Assert.Contains((await breaker.GetStatusAsync()).ByCaller, caller => caller.Caller == "bad");
        await HeartbeatsAsync(breaker, seconds: 60);
        Assert.DoesNotContain((await breaker.GetStatusAsync()).ByCaller, caller => caller.Caller == "bad");
        Assert.Empty(_store.State.CallerCircuits);

        async Task HeartbeatsAsync(ClusterBreaker activation, int seconds)
        {
            for (var second = 0; second < seconds; second++)
            {
                _time.Advance(Seconds(1));
                await activation.SubscribeAsync("good", good, version: 0, new DeafObserver());
            }
        }
    }

    [Fact]
    public async Task Probe_OfACircuitThatWasClosedByHand_CountsAsUnderWayUntilItEnds()
    {
        var breaker = Activate();
        await TripAsync(breaker, generation: 0);
        _time.Advance(Seconds(5.5));
        var first = await breaker.TryAcquireProbeAsync("a", version: 0, _settings);
        Assert.NotEqual(0, first.PermitId);
        var closed = await breaker.CloseAsync("me");
        await TripAsync(breaker, closed.Generation);
        _time.Advance(Seconds(5.5));
        breaker = Activate();
        _time.Advance(Seconds(5.5));
        Assert.Equal((0L, BreakerState.HalfOpen), Describe(await breaker.TryAcquireProbeAsync("b", version: 0, _settings)));

        // Its failure says nothing about now, only that it is over.
        Assert.Equal(BreakerState.HalfOpen, (await breaker.ReportProbeAsync("a", first.PermitId, CallOutcome.Failed)).State);
        Assert.NotEqual(0, (await breaker.TryAcquireProbeAsync("b", version: 0, _settings)).PermitId);

        static (long, BreakerState) Describe(ProbeReply reply) => (reply.PermitId, reply.Snapshot.State);
    }

    /// <summary>Whoever has noticed that an activation is gone subscribes to the next one before it reports.</summary>
    [Theory]
    [InlineData(1, BreakerState.Open)]
    [InlineData(2, BreakerState.LocalOpen)]
    public async Task FirstReport_ToAnActivationThatFollowsAnother_DoesNotSpeakForAll(long sequence, BreakerState expected)
    {
        var (breaker, epoch) = (Activate(), Guid.NewGuid());
        await breaker.SubscribeAsync("bad", epoch, version: 0, new DeafObserver());
        Assert.Equal(expected, (await breaker.ReportAsync(Report(10, sequence: sequence, caller: "bad", epoch: epoch, settings: _settings))).State);
    }

    [Fact]
    public async Task HalfOpen_WithSettingsThatAskForFewerProbes_StillCloses()
    {
        var breaker = Activate();
        await TripAsync(breaker, generation: 0);
        _time.Advance(Seconds(5.5));
        for (var probe = 0; probe < 2; probe++)
        {
            var permit = await breaker.TryAcquireProbeAsync("a", version: 0, _settings);
            await breaker.ReportProbeAsync("a", permit.PermitId, CallOutcome.Succeeded);
        }

        breaker = Activate();
        var last = await breaker.TryAcquireProbeAsync("a", version: 0, _settings with { SuccessfulProbes = 2 });
        Assert.NotEqual(0, last.PermitId);
        Assert.Equal(BreakerState.Closed, (await breaker.ReportProbeAsync("a", last.PermitId, CallOutcome.Succeeded)).State);
    }

    [Fact]
    public async Task Counts_WhenTheSamplingDurationGrows_StillGetOld()
    {
        var breaker = Activate();
        _time.Advance(Seconds(3_600));
        await breaker.ReportAsync(Report(0, successes: 100, settings: _settings with { SamplingDuration = Seconds(10) }));
        _time.Advance(Seconds(61));
        await breaker.ReportAsync(Report(0, successes: 7, settings: _settings));
        Assert.Equal(7, (await breaker.GetStatusAsync()).Successes);
    }

    [Fact]
    public async Task FirstReport_AfterCountingBeganAnew_DoesNotSpeakForThoseWhoWereActive()
    {
        var breaker = Activate();
        var (good, bad) = (Guid.NewGuid(), Guid.NewGuid());
        await breaker.ReportAsync(Report(0, successes: 10, caller: "good", epoch: good, settings: _settings));
        var closed = await breaker.CloseAsync("me");
        Assert.Equal(BreakerState.LocalOpen, (await BadAsync(closed.Generation, 1)).State);
        closed = await breaker.CloseAsync("me");

        // Who says nothing for a second is not expected to any more.
        _time.Advance(Seconds(1));
        Assert.Equal(BreakerState.Open, (await BadAsync(closed.Generation, 2)).State);

        Task<BreakerSnapshot> BadAsync(long generation, long sequence) =>
            breaker.ReportAsync(Report(10, generation: generation, sequence: sequence, caller: "bad", epoch: bad, settings: _settings));
    }

    [Fact]
    public async Task Listeners_HearOfAChangeOnce_AfterItIsWritten_ThoughOneFails()
    {
        var breaker = Activate();
        await TripAsync(breaker, generation: 0);
        var change = Assert.Single(_heard.Of("payments"));
        Assert.Equal((BreakerState.Closed, BreakerState.Open, "10 of 10 calls failed within 30 s."), (change.From, change.To, change.Reason));
        Assert.Equal(("a", 10), (Assert.Single(change.Callers).Caller, change.Callers[0].Failures));
        Assert.Contains(
            $"The listener {typeof(FailingListener)} failed to hear of a change of breaker 'payments'. The change holds; only that listener has missed it.", _log.Messages);

        await breaker.ReportAsync(Report(10, generation: 0, settings: _settings));
        _store.Fault = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => breaker.CloseAsync("me"));
        Assert.True(_store.IsDeactivated);
        Assert.Single(_heard.Of("payments"));
    }

    /// <summary>Another activation has isolated the dependency, and a process knows.</summary>
    [Theory]
    [InlineData("subscribe")]
    [InlineData("report")]
    [InlineData("acquire")]
    [InlineData("end")]
    public async Task Activation_ThatIsBehind_ReadsAgainBeforeItAnswers(string call)
    {
        var breaker = Activate();
        var snapshot = await breaker.HoldAsync(Isolation("by another"));
        (_store.Stored, _store.State) = (_store.State, new BreakerRecord());
        breaker = Activate();
        Assert.Equal((BreakerState.Closed, 0), await DescribeAsync(version: 0));
        Assert.Equal((BreakerState.Isolated, snapshot.Version), await DescribeAsync(snapshot.Version));

        // The record was lost: what the process knows must not stay the latest for ever.
        (_store.Stored, _store.State) = (null, new BreakerRecord());
        breaker = Activate();
        Assert.Equal((BreakerState.Closed, 43), await DescribeAsync(version: 42));

        async Task<(BreakerState State, long Version)> DescribeAsync(long version)
        {
            var answer = call switch
            {
                "subscribe" => await breaker.SubscribeAsync("a", Guid.NewGuid(), version, new DeafObserver()),
                "report" => await breaker.ReportAsync(Report(0, settings: _settings) with { Version = version }),
                "acquire" => (await breaker.TryAcquireProbeAsync("a", version, _settings)).Snapshot,
                _ => await breaker.ReportProbeAsync("a", permitId: version, CallOutcome.Succeeded),
            };
            return (answer.State, answer.Version);
        }
    }

    [Fact]
    public async Task Hold_SaidAgain_IsWrittenButNotToldAgain()
    {
        var breaker = Activate();
        var first = await breaker.HoldAsync(Isolation("moving house"));
        var again = await breaker.HoldAsync(Isolation("moving house"));
        Assert.True(again.Version > first.Version);
        Assert.Equal(first.Generation, again.Generation);
        Assert.Single(_heard.Of("payments"));

        _store.Fault = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => breaker.HoldAsync(Isolation("moving house")));
    }

    [Fact]
    public async Task MetricsOnly_SaysOnceABreakThatItWouldOpen()
    {
        var breaker = Activate();
        var generation = (await breaker.HoldAsync(new BreakerOverride { State = BreakerState.MetricsOnly, Reason = "trial" })).Generation;
        for (var second = 0; second < 12; second++)
        {
            var answer = await breaker.ReportAsync(Report(10, generation: generation, sequence: 1, settings: _settings));
            (generation, var before) = (answer.Generation, generation);
            Assert.Equal((BreakerState.MetricsOnly, second is 0 or 5 or 10), (answer.State, generation != before));
            _time.Advance(Seconds(1));
        }

        Assert.Equal(
            [BreakerState.MetricsOnly, BreakerState.Open, BreakerState.Open, BreakerState.Open], _heard.Of("payments").Select(change => change.To));
    }

    private async Task TripAsync(ClusterBreaker breaker, long generation) =>
        Assert.Equal(BreakerState.Open, (await breaker.ReportAsync(Report(10, generation: generation, caller: "a", settings: _settings))).State);

    private ClusterBreaker Activate()
    {
        var breaker = new ClusterBreaker(
            "payments", _store, () => _store.IsDeactivated = true, _store, _time, new Random(1), [new FailingListener(), _heard], _log);
        breaker.Restore();
        return breaker;
    }

    private sealed class FailingListener : IBreakerListener
    {
        public void OnTransition(string dependency, BreakerTransition transition) => throw new InvalidOperationException("out of paper");
    }

    private sealed class DeafObserver : IBreakerObserver
    {
        public Task StateChangedAsync(BreakerSnapshot snapshot) => Task.FromException(new TimeoutException());
    }

    private sealed class PlayedStore : IPersistentState<BreakerRecord>, IClusterClock
    {
        public Exception? Fault { get; set; }

        /// <summary>What another activation has written.</summary>
        public BreakerRecord? Stored { get; set; }

        public bool IsDeactivated { get; set; }

        public BreakerRecord State { get; set; } = new();

        public string Etag => "";

        public bool RecordExists => true;

        public ClusterTime? Read() => null;

        public Task ReadStateAsync()
        {
            State = Stored ?? State;
            return Task.CompletedTask;
        }

        public Task WriteStateAsync() => Fault is null ? Task.CompletedTask : Task.FromException(Fault);

        public Task ClearStateAsync() => throw new NotSupportedException();
    }
}
