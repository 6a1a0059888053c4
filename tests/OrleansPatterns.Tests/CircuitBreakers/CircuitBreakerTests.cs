using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Tests.Locks;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>One process' part, on a clock that the test moves, with a grain that the test plays.</summary>
public sealed class CircuitBreakerTests : IAsyncDisposable
{
    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(1);

    private readonly CircuitBreakerOptions _options = new() { FailureRatio = 0.5, MinimumThroughput = 4 };
    private readonly RecordedLog<CircuitBreaker> _log = new();
    private readonly ObservedTime _time = new();
    private readonly ScriptedBreakerTransport _cluster;
    private CircuitBreaker? _breaker;

    public CircuitBreakerTests() => _cluster = new ScriptedBreakerTransport(_time, BreakerSettings.From(_options));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_breaker is not null)
        {
            await _breaker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Closed_PassesCallsWithoutAskingAnyone_AndReportsThemTogether()
    {
        var breaker = Start();
        for (var call = 1; call <= 3; call++)
        {
            Assert.Equal(call, await breaker.ExecuteAsync(_ => Task.FromResult(call), Token).Soon());
        }

        await _time.ArmedAsync(_options.ReportInterval);
        Assert.Equal((0, false), (_cluster.ProbesAsked, _cluster.HasReport));
        _time.Advance(_options.ReportInterval);
        var report = await _cluster.NextReportAsync();
        Assert.Equal((1L, 0L, 3, 0), (report.Sequence, report.Generation, report.Successes, report.Failures));
    }

    [Fact]
    public async Task Open_RefusesCallsWithoutAskingAnyone()
    {
        var breaker = Start();
        await TripAsync(breaker);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.Equal(Seconds(5), exception.RetryAfter);
        Assert.Equal("The breaker 'payments' is open: 4 of 4 calls failed within 30 s.", exception.Message);
        _time.Advance(Seconds(2));
        Assert.Equal(Seconds(3), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        Assert.Equal((BreakerState.Open, 0), (breaker.State, _cluster.ProbesAsked));
    }

    [Fact]
    public async Task Open_ByAnotherProcess_RefusesCalls()
    {
        var breaker = Start();
        await breaker.UntilAsync(BreakerState.Closed);
        await _time.ArmedAsync(RepairInterval);
        await _cluster.DecideAsync(core => core.Count("other", 0, new CallTally(0, 4), BreakerSettings.From(_options), At(TimeSpan.Zero)));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
    }

    [Fact]
    public async Task Isolated_RefusesCallsAndSaysWhy()
    {
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        await _cluster.DecideAsync(core => core.Hold(Isolation("moving house"), endsAt: null, At(TimeSpan.Zero)));
        var exception = await Assert.ThrowsAsync<IsolatedCircuitException>(() => Succeed(breaker));
        Assert.Equal("The breaker 'payments' is held open by hand: moving house", exception.Message);
        Assert.Equal((BreakerState.Isolated, 0), (breaker.State, _cluster.ProbesAsked));
    }

    [Fact]
    public async Task HalfOpen_ClosesAfterThreeProbes()
    {
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(5));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        Assert.Equal((BreakerState.Closed, 3), (breaker.State, _cluster.ProbesAsked));
    }

    [Fact]
    public async Task HalfOpen_WithAProbeUnderWay_RefusesOthers()
    {
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(5));
        var answer = new TaskCompletionSource<int>();
        var probe = breaker.ExecuteAsync(_ => answer.Task, Token);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.True(exception.RetryAfter > TimeSpan.Zero);
        answer.SetResult(7);
        Assert.Equal(7, await probe.Soon());
        await Succeed(breaker);
    }

    [Fact]
    public async Task HalfOpen_WithAFailedProbe_OpensForTwiceAsLong()
    {
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(5));
        await FailAsync(breaker);
        Assert.Equal(Seconds(10), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
    }

    [Fact]
    public async Task HalfOpen_WithACancelledProbe_StaysHalfOpenAndProbesAgain()
    {
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(5));
        await CancelAsync(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Assert.Equal(_options.ReportInterval, (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        _time.Advance(_options.ReportInterval);
        await FailAsync(breaker);
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    [Fact]
    public async Task Open_WhenTheGrainHasMoved_StaysOpenAsLongAsTheClusterSays()
    {
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(4));
        _cluster.Restart();
        _time.Advance(Seconds(1));
        for (var call = 0; call < 5; call++)
        {
            Assert.Equal(Seconds(4), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        }

        // Once at most: from then on it knows.
        Assert.InRange(_cluster.ProbesAsked, 0, 1);
    }

    [Fact]
    public async Task ClusterAway_OpensByItsOwnCounts_ClosesByItsOwnProbes_AndJoinsAgain()
    {
        _cluster.IsAway = true;
        var breaker = Start();
        await TripAsync(breaker);
        await _time.ArmedAsync(_options.ReportInterval);
        await _time.ArmedAsync(RepairInterval);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.InRange(exception.RetryAfter!.Value, Seconds(4.5), Seconds(5.5));

        _time.Advance(Seconds(6));
        await _time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        Assert.Equal(BreakerState.Closed, breaker.State);

        await Succeed(breaker);
        await _time.ArmedAsync(_options.ReportInterval);
        await _cluster.DecideAsync(core => core.Hold(Isolation("meanwhile"), endsAt: null, At(TimeSpan.Zero)));
        _cluster.IsAway = false;
        _time.Advance(_options.ReportInterval);
        await breaker.UntilAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task ClusterAway_AFailedProbe_OpensAgain()
    {
        _cluster.IsAway = true;
        var breaker = Start();
        await TripAsync(breaker);
        _time.Advance(Seconds(6));
        await FailAsync(breaker);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.InRange(exception.RetryAfter!.Value, Seconds(9), Seconds(11));
    }

    [Fact]
    public async Task ClusterAway_UnderFailClosed_RefusesCallsUntilItIsBack()
    {
        _options.FailClosed = true;
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        _cluster.IsAway = true;
        _time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Open);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.Equal("The breaker 'payments' is open: The cluster cannot be reached, and FailClosed is set.", exception.Message);
        Assert.Equal(RepairInterval, exception.RetryAfter);

        await _time.ArmedAsync(RepairInterval);
        _cluster.IsAway = false;
        _time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Closed);
        Assert.Equal(1, await Succeed(breaker));
    }

    [Fact]
    public async Task Report_WithoutAnAnswer_IsRepeatedWithItsSequenceWithinASecond()
    {
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        _cluster.IsAway = true;
        await Succeed(breaker);
        await _time.ArmedAsync(_options.ReportInterval);
        _time.Advance(_options.ReportInterval);
        var first = await _cluster.NextReportAsync();
        Assert.Equal(1, first.Sequence);

        await _time.ArmedAsync(RepairInterval);
        _cluster.IsAway = false;
        _time.Advance(RepairInterval);
        Assert.Equal(first, await _cluster.NextReportAsync());

        await _time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        await _time.ArmedAsync(_options.ReportInterval);
        _time.Advance(_options.ReportInterval);
        var next = await _cluster.NextReportAsync();
        Assert.Equal((2L, 1), (next.Sequence, next.Successes));
    }

    [Fact]
    public async Task Cancellation_ByTheCaller_CountsAsNeither()
    {
        var breaker = Start();
        await CancelAsync(breaker);
        await Assert.ThrowsAsync<TaskCanceledException>(() => breaker.ExecuteAsync(_ => Task.FromException<int>(new TaskCanceledException()), Token));
        await _time.ArmedAsync(_options.ReportInterval);
        _time.Advance(_options.ReportInterval);
        var report = await _cluster.NextReportAsync();
        Assert.Equal((0, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Exception_NotToBeHandled_CountsAsSuccess()
    {
        _options.ShouldHandle = exception => exception is not ArgumentException;
        var breaker = Start();
        await Assert.ThrowsAsync<ArgumentException>(() => breaker.ExecuteAsync(_ => throw new ArgumentException("bad input"), Token));
        await _time.ArmedAsync(_options.ReportInterval);
        _time.Advance(_options.ReportInterval);
        var report = await _cluster.NextReportAsync();
        Assert.Equal((1, 0), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Outcome_OfACallThatBeganInAnOlderGeneration_IsNotReported()
    {
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        var answer = new TaskCompletionSource<int>();
        var late = breaker.ExecuteAsync(_ => answer.Task, Token);
        await _cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        await _cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        answer.SetException(new HttpRequestException());
        await Assert.ThrowsAsync<HttpRequestException>(() => late.Soon());
        await Succeed(breaker);
        await _time.ArmedAsync(_options.ReportInterval);
        _time.Advance(_options.ReportInterval);
        var report = await _cluster.NextReportAsync();
        Assert.Equal((2L, 1, 0), (report.Generation, report.Successes, report.Failures));
    }

    [Fact]
    public async Task News_ThatGotLostWhileNotClosed_AreLearntWithinASecond()
    {
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        await _cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        await _time.ArmedAsync(RepairInterval);
        _cluster.IsAway = true;
        await _cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        _cluster.IsAway = false;
        _time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task News_OutOfOrder_AreIgnored()
    {
        var breaker = Start();
        await _time.ArmedAsync(RepairInterval);
        await breaker.StateChangedAsync(new BreakerSnapshot { State = BreakerState.Closed, Generation = 9, Version = 9 });
        await breaker.StateChangedAsync(new BreakerSnapshot { State = BreakerState.Isolated, Generation = 8, Version = 8, Reason = "over" });
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public async Task SettingsOfAnother_ThatCameFirst_AreWarnedOfOnce_NamingBoth()
    {
        var breaker = Start();
        var told = new BreakerSnapshot
        {
            State = BreakerState.Closed,
            Generation = 0,
            OtherSettings = BreakerSettings.From(_options) with { FailureRatio = 0.1, ConsecutiveFailures = 5 },
            OtherSettingsFrom = "there",
        };
        await breaker.StateChangedAsync(told);
        await breaker.StateChangedAsync(told);
        Assert.Equal(
            "Breaker 'payments': 'here' is configured with FailureRatio 0.5 instead of 0.1, ConsecutiveFailures null instead of 5; "
            + "the cluster goes by 'there', which came first. Give all processes the same options.",
            Assert.Single(_log.Messages));
    }

    private static Task<int> Succeed(CircuitBreaker breaker) => breaker.ExecuteAsync(_ => Task.FromResult(1), Token).Soon();

    private static Task<HttpRequestException> FailAsync(CircuitBreaker breaker) =>
        Assert.ThrowsAsync<HttpRequestException>(() => breaker.ExecuteAsync(_ => Task.FromException<int>(new HttpRequestException()), Token).Soon());

    private static async Task CancelAsync(CircuitBreaker breaker)
    {
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => breaker.ExecuteAsync(
            async token =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancellation.Token).Soon());
    }

    /// <summary>Fails often enough to open the breaker without waiting for the interval.</summary>
    private async Task TripAsync(CircuitBreaker breaker)
    {
        for (var call = 0; call < _options.MinimumThroughput; call++)
        {
            await FailAsync(breaker);
        }

        await breaker.UntilAsync(BreakerState.Open);
    }

    /// <summary>Isolating and closing by hand go through the grain, which these tests do not have.</summary>
    private CircuitBreaker Start() =>
        _breaker = new CircuitBreaker("payments", "here", _cluster, grains: null!, cluster: null!, _options, _time, _log);
}
