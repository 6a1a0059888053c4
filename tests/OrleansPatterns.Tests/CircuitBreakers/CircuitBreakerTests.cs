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
    public async Task News_ThatGotLostWhileNotClosed_AreLearntWithinASecond()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
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
