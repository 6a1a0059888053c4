using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>One process whose cluster is away, or cannot write, or has not spoken yet.</summary>
public sealed class CircuitBreakerAloneTests : ScriptedBreakerTests
{
    [Fact]
    public async Task ClusterAway_OpensByItsOwnCounts_ClosesByItsOwnProbes_AndJoinsAgain()
    {
        Cluster.IsAway = true;
        var breaker = Start();
        await TripAsync(breaker);
        await Time.ArmedAsync(Options.ReportInterval);
        await Time.ArmedAsync(RepairInterval);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.InRange(exception.RetryAfter!.Value, Seconds(4.5), Seconds(5.5));

        Time.Advance(Seconds(6));
        await Time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
        Assert.Equal(BreakerState.Closed, breaker.State);

        await Succeed(breaker);
        await Time.ArmedAsync(Options.ReportInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("meanwhile"), endsAt: null, At(TimeSpan.Zero)));
        Cluster.IsAway = false;
        Time.Advance(Options.ReportInterval);
        await breaker.UntilAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task ClusterAway_AFailedProbe_OpensAgain()
    {
        Cluster.IsAway = true;
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(6));
        await FailAsync(breaker);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.InRange(exception.RetryAfter!.Value, Seconds(9), Seconds(11));
    }

    [Fact]
    public async Task ClusterAway_UnderFailClosed_RefusesCallsUntilItIsBack()
    {
        Options.FailClosed = true;
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = true;
        Time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Open);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.Equal("The breaker 'payments' is open: The cluster cannot be reached, and FailClosed is set.", exception.Message);
        Assert.Equal(RepairInterval, exception.RetryAfter);

        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = false;
        Time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Closed);
        Assert.Equal(1, await Succeed(breaker));
    }

    [Theory]
    [InlineData(BreakerState.Closed)]
    [InlineData(BreakerState.Isolated)]
    public async Task FirstCall_UnderFailClosed_WaitsForTheClustersFirstWord(BreakerState said)
    {
        Options.FailClosed = true;
        Cluster.HoldAnswers();
        if (said == BreakerState.Isolated)
        {
            await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        }

        var breaker = Start();
        Task<int>[] calls = [Call(), Call(), Call()];
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        Cluster.LetAnswersGo();
        foreach (var call in calls)
        {
            if (said == BreakerState.Closed)
            {
                Assert.Equal(1, await call.Soon());
            }
            else
            {
                await Assert.ThrowsAsync<IsolatedCircuitException>(() => call.Soon());
            }
        }

        Assert.Equal(0, Cluster.ProbesAsked);

        Task<int> Call() => breaker.ExecuteAsync(_ => Task.FromResult(1), Token);
    }

    [Fact]
    public async Task FirstCall_UnderFailClosed_IsRefusedIfTheClusterSaysNothingForASecond()
    {
        Options.FailClosed = true;
        Cluster.HoldAnswers();
        var breaker = Start();
        var call = breaker.ExecuteAsync(_ => Task.FromResult(1), Token);
        await Time.ArmedAsync(RepairInterval);
        Assert.False(call.IsCompleted);
        Time.Advance(RepairInterval);
        var exception = await Assert.ThrowsAsync<BrokenCircuitException>(() => call.Soon());
        Assert.Equal("The breaker 'payments' has heard nothing from the cluster yet, and FailClosed is set.", exception.Message);
        Assert.Equal(RepairInterval, exception.RetryAfter);
        Cluster.LetAnswersGo();
    }

    [Fact]
    public async Task ClusterAway_IsWarnedOfOnce()
    {
        Start();
        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = true;
        for (var turn = 0; turn < 5; turn++)
        {
            Time.Advance(RepairInterval);
            await Time.ArmedAsync(RepairInterval);
        }

        Assert.Equal(
            "Breaker 'payments' gets no answer from the cluster; this process decides alone, by its own calls, until it does.", Assert.Single(Log.Messages));
    }

    [Fact]
    public async Task ClusterAway_ResultOfAnEarlierOutagesProbe_ChangesNothing()
    {
        Options.ConcurrentProbes = 2;
        var breaker = Start();
        TaskCompletionSource<int>[] answers = [new(), new()];
        var probes = new List<Task<int>>();
        foreach (var answer in answers)
        {
            Cluster.IsAway = true;
            await TripAsync(breaker);
            Time.Advance(Seconds(6));
            var isAsked = new TaskCompletionSource();
            probes.Add(breaker.ExecuteAsync(
                _ =>
                {
                    isAsked.SetResult();
                    return answer.Task;
                },
                Token));
            await isAsked.Task.Soon();
            if (answer == answers[0])
            {
                Cluster.IsAway = false;
                await Cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
                Assert.Equal(BreakerState.Closed, breaker.State);
            }
        }

        answers[0].SetException(new HttpRequestException());
        await Assert.ThrowsAsync<HttpRequestException>(() => probes[0].Soon());
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        answers[1].SetResult(7);
        Assert.Equal(7, await probes[1].Soon());
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public async Task ClusterAwayAgain_ProbeOfAnEarlierOutage_IsUnderWayUntilItEnds()
    {
        var breaker = Start();
        Cluster.IsAway = true;
        await TripAsync(breaker);
        Time.Advance(Seconds(6));
        var earlier = await breaker.AdmitProbeAsync(Token).Soon();
        Assert.True(earlier.Probe!.IsAlone);
        Cluster.IsAway = false;
        await Cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        Assert.Equal(BreakerState.Closed, breaker.State);

        Cluster.IsAway = true;
        await TripAsync(breaker);
        Time.Advance(Seconds(6));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        await breaker.CompleteAsync(earlier, CallOutcome.Failed);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        await Succeed(breaker);
    }

    [Fact]
    public async Task ClusterAwayAgain_ProbeThatEndedMeanwhile_KeepsNobodyWaiting()
    {
        var breaker = Start();
        Cluster.IsAway = true;
        await TripAsync(breaker);
        Time.Advance(Seconds(6));
        var earlier = await breaker.AdmitProbeAsync(Token).Soon();
        Cluster.IsAway = false;
        await Cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        await breaker.CompleteAsync(earlier, CallOutcome.Failed);
        Assert.Equal(BreakerState.Closed, breaker.State);

        Cluster.IsAway = true;
        await TripAsync(breaker);
        Time.Advance(Seconds(6));
        await Succeed(breaker);
    }

    [Fact]
    public async Task Cluster_ThatReadsButCannotWrite_LiftsNothingThatThisProcessDecided()
    {
        Cluster.RefusesWrites = true;
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await TripAsync(breaker);

        // It is asked, and answers that the breaker is closed.
        await Time.ArmedAsync(RepairInterval);
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        Assert.Equal((BreakerState.Open, BreakerState.Closed), (breaker.State, Cluster.Circuit.State));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));

        Time.Advance(Seconds(5));
        await Time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        await Succeed(breaker);
        Assert.Equal((BreakerState.HalfOpen, 0), (breaker.State, Cluster.ProbesAsked));
        await Succeed(breaker);

        Cluster.RefusesWrites = false;
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        await TripAsync(breaker);
        Assert.Equal(BreakerState.Open, Cluster.Circuit.State);
    }

    /// <summary>As from an activation that another has overtaken.</summary>
    [Fact]
    public async Task ClusterAway_AnswerThatIsOlderThanWhatIsKnown_IsIgnored()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await breaker.StateChangedAsync(new BreakerSnapshot { State = BreakerState.Isolated, Generation = 9, Version = 9, Reason = "by hand" });
        Cluster.IsAway = true;
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = false;
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        Assert.Equal(BreakerState.Isolated, breaker.State);
        Assert.Equal(9, Cluster.VersionTold);
    }
}
