using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>One process' part, on a clock that the test moves, with a grain that the test plays.</summary>
public sealed class CircuitBreakerTests : ScriptedBreakerTests
{
    [Fact]
    public async Task Closed_PassesCallsWithoutAskingAnyone_AndReportsThemTogether()
    {
        var breaker = Start();
        for (var call = 1; call <= 3; call++)
        {
            Assert.Equal(call, await breaker.ExecuteAsync(_ => Task.FromResult(call), Token).Soon());
        }

        await Time.ArmedAsync(Options.ReportInterval);
        Assert.Equal((0, false), (Cluster.ProbesAsked, Cluster.HasReport));
        Time.Advance(Options.ReportInterval);
        var report = await Cluster.NextReportAsync();
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
        Time.Advance(Seconds(2));
        Assert.Equal(Seconds(3), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        Assert.Equal((BreakerState.Open, 0), (breaker.State, Cluster.ProbesAsked));
    }

    [Fact]
    public async Task Open_ByAnotherProcess_RefusesCalls()
    {
        var breaker = Start();
        await breaker.UntilAsync(BreakerState.Closed);
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Count("other", 0, new CallTally(0, 4), BreakerSettings.From(Options), At(TimeSpan.Zero)));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
    }

    [Fact]
    public async Task Isolated_RefusesCallsAndSaysWhy()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("moving house"), endsAt: null, At(TimeSpan.Zero)));
        var exception = await Assert.ThrowsAsync<IsolatedCircuitException>(() => Succeed(breaker));
        Assert.Equal("The breaker 'payments' is held open by hand: moving house", exception.Message);
        Assert.Equal((BreakerState.Isolated, 0), (breaker.State, Cluster.ProbesAsked));
    }

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
        Assert.Equal(faults < 2 ? 1 : 0, Cluster.SuccessfulProbes);
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
    public async Task Open_WhenTheGrainHasMoved_StaysOpenAsLongAsTheClusterSays()
    {
        var breaker = Start();
        await TripAsync(breaker);
        Time.Advance(Seconds(4));
        Cluster.Restart();
        Time.Advance(Seconds(1));
        for (var call = 0; call < 5; call++)
        {
            Assert.Equal(Seconds(4), (await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker))).RetryAfter);
        }

        // Once at most: from then on it knows.
        Assert.InRange(Cluster.ProbesAsked, 0, 1);
    }

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

    [Fact]
    public async Task Report_OfManyCalls_GoesAtOnce_ButTwoAreAnIntervalApart()
    {
        Options.MinimumThroughput = 10_000;
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        for (var report = 0; report < 3; report++)
        {
            for (var call = 0; call < 300; call++)
            {
                await Succeed(breaker);
            }

            if (report > 0)
            {
                await Time.ArmedAsync(Options.ReportInterval);
                Assert.False(Cluster.HasReport);
                Time.Advance(Options.ReportInterval);
            }

            Assert.InRange((await Cluster.NextReportAsync()).Successes, 256, 300 + (report * 44));
        }
    }

    [Fact]
    public async Task Report_ThatIsReasonToOpen_GoesAtOnce_OnceASecond()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(new BreakerOverride { State = BreakerState.MetricsOnly, Reason = "trial" }, endsAt: null, At(TimeSpan.Zero)));
        await Time.ArmedAsync(RepairInterval);
        await FailFourTimesAsync();
        Assert.Equal(4, (await Cluster.NextReportAsync()).Failures);

        // The answer, by which counting begins anew, has been heard.
        await Time.ArmedAsync(RepairInterval);
        await FailFourTimesAsync();
        await Time.ArmedAsync(Options.ReportInterval);
        Assert.False(Cluster.HasReport);
        Time.Advance(Options.ReportInterval);
        Assert.Equal(4, (await Cluster.NextReportAsync()).Failures);
        await Time.ArmedAsync(RepairInterval);
        Time.Advance(Seconds(0.9));
        await FailFourTimesAsync();
        Assert.Equal(4, (await Cluster.NextReportAsync()).Failures);

        async Task FailFourTimesAsync()
        {
            for (var call = 0; call < 4; call++)
            {
                await FailAsync(breaker);
            }
        }
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
    public async Task Report_WithoutAnAnswer_IsRepeatedWithItsSequenceWithinASecond()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = true;
        await Succeed(breaker);
        var first = await NextReportAsync();
        Assert.Equal(1, first.Sequence);

        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = false;
        Time.Advance(RepairInterval);
        Assert.Equal(first, await Cluster.NextReportAsync());

        await Time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        var next = await NextReportAsync();
        Assert.Equal((2L, 1), (next.Sequence, next.Successes));
    }

    [Fact]
    public async Task Cancellation_ByTheCaller_CountsAsNeither()
    {
        var breaker = Start();
        await CancelAsync(breaker);
        await Assert.ThrowsAsync<TaskCanceledException>(() => breaker.ExecuteAsync(_ => Task.FromException<int>(new TaskCanceledException()), Token));
        var report = await NextReportAsync();
        Assert.Equal((0, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Exception_NotToBeHandled_CountsAsSuccess()
    {
        Options.ShouldHandle = exception => exception is not ArgumentException;
        var breaker = Start();
        await Assert.ThrowsAsync<ArgumentException>(() => breaker.ExecuteAsync(_ => throw new ArgumentException("bad input"), Token));
        var report = await NextReportAsync();
        Assert.Equal((1, 0), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task Outcome_OfACallThatBeganInAnOlderGeneration_IsNotReported()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        var answer = new TaskCompletionSource<int>();
        var late = breaker.ExecuteAsync(_ => answer.Task, Token);
        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        await Cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        answer.SetException(new HttpRequestException());
        await Assert.ThrowsAsync<HttpRequestException>(() => late.Soon());
        await Succeed(breaker);
        var report = await NextReportAsync();
        Assert.Equal((2L, 1, 0), (report.Generation, report.Successes, report.Failures));
    }

    [Fact]
    public async Task News_ThatGotLostWhileNotClosed_AreLearntWithinASecond()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        await Time.ArmedAsync(RepairInterval);
        Cluster.IsAway = true;
        await Cluster.DecideAsync(core => core.Close(author: null, At(TimeSpan.Zero)));
        Cluster.IsAway = false;
        Time.Advance(RepairInterval);
        await breaker.UntilAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task News_OutOfOrder_AreIgnored()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
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
            OtherSettings = BreakerSettings.From(Options) with { FailureRatio = 0.1, ConsecutiveFailures = 5 },
            OtherSettingsFrom = "there",
        };
        await breaker.StateChangedAsync(told);
        await breaker.StateChangedAsync(told);
        Assert.Equal(
            "Breaker 'payments': 'here' is configured with FailureRatio 0.5 instead of 0.1, ConsecutiveFailures null instead of 5; "
            + "the cluster goes by 'there', which came first. Give all processes the same options.",
            Assert.Single(Log.Messages));
    }
}
