using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>How one process probes a half-open breaker, on a clock that the test moves, with a grain that the test plays.</summary>
public sealed class CircuitBreakerProbeTests : ScriptedBreakerTests
{
    [Fact]
    public async Task HalfOpen_ClosesAfterThreeProbes()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        Assert.Equal((BreakerState.Closed, 3), (breaker.State, Cluster.ProbesAsked));
    }

    [Fact]
    public async Task HalfOpen_WithAProbeThatSucceedsTooSlowly_OpensAgain()
    {
        Options.SlowCallDuration = Seconds(2);
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        var answer = new TaskCompletionSource<int>();
        var isAsked = new TaskCompletionSource();
        var probe = breaker.ExecuteAsync(
            _ =>
            {
                isAsked.SetResult();
                return answer.Task;
            },
            Token);
        await isAsked.Task.Soon();
        Time.Advance(Seconds(2));
        answer.SetResult(7);
        Assert.Equal(7, await probe.Soon());
        Assert.Equal(Seconds(10), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
    }

    [Fact]
    public async Task HalfOpen_WithAProbeUnderWay_RefusesOthers()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        var answer = new TaskCompletionSource<int>();
        var probe = breaker.ExecuteAsync(_ => answer.Task, Token);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.True(exception.RetryAfter > TimeSpan.Zero);
        answer.SetResult(7);
        Assert.Equal(7, await probe.Soon());
        await Succeed(breaker);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public async Task HalfOpen_AskThatEndsInAFault_IsRepeatedOnceBeforeTheProcessDecidesAlone(int faults, int asks)
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Cluster.FaultyAsks = faults;
        await Succeed(breaker);
        Assert.Equal(asks, Cluster.ProbesAsked);

        // The cluster knows of the probe, or it does not.
        Assert.Equal(faults < 2 ? 1 : 0, Cluster.Circuit.SuccessfulProbes);
    }

    [Fact]
    public async Task HalfOpen_WithAFailedProbe_OpensForTwiceAsLong()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        await FailAsync(breaker);
        Assert.Equal(Seconds(10), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
    }

    [Fact]
    public async Task HalfOpen_WithACancelledProbe_StaysHalfOpenAndProbesAgain()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        await CancelAsync(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Assert.Equal(Options.ReportInterval, (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        Time.Advance(Options.ReportInterval);
        await FailAsync(breaker);
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    [Fact]
    public async Task HalfOpen_CallerThatGivesUpWhileItAsks_WaitsNoLonger_AndItsPermitIsGivenBack()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        Cluster.HoldAnswers();
        using var cancellation = new CancellationTokenSource();
        var called = false;
        var probe = breaker.ExecuteAsync(
            _ =>
            {
                called = true;
                return Task.CompletedTask;
            },
            cancellation.Token);
        Assert.False(probe.IsCompleted);
        await cancellation.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.Soon());
        Assert.Equal((cancellation.Token, false), (exception.CancellationToken, called));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => breaker.ExecuteAsync(_ => Task.CompletedTask, cancellation.Token).Soon());
        Assert.Equal(1, Cluster.ProbesAsked);

        Cluster.LetAnswersGo();
        Assert.Equal(CallOutcome.Cancelled, await Cluster.NextEndedProbeAsync());
        Assert.Empty(Cluster.Circuit.Permits);
    }

    [Fact]
    public async Task HalfOpen_ClusterThatDoesNotAnswerWithinASecond_IsAway_AndALatePermitIsGivenBack()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await TripAsync(breaker);
        await Time.ArmedAsync(RepairInterval);
        Cluster.HoldAnswers();
        Time.Advance(Seconds(5));
        var probe = Succeed(breaker);
        await Time.ArmedAsync(RepairInterval);
        Assert.False(probe.IsCompleted);
        Time.Advance(RepairInterval);
        Assert.Equal(1, await probe);

        Cluster.LetAnswersGo();
        Assert.Equal(CallOutcome.Cancelled, await Cluster.NextEndedProbeAsync());
        Assert.Equal((0, 0), (Cluster.Circuit.Permits.Length, Cluster.Circuit.SuccessfulProbes));
    }
}
