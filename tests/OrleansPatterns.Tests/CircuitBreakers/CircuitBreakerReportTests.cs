using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What one process counts, and when it reports.</summary>
public sealed class CircuitBreakerReportTests : ScriptedBreakerTests
{
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

    /// <summary>As a logging provider does whose disk is full.</summary>
    [Fact]
    public async Task Reports_GoOn_ThoughTheLogFails()
    {
        var breaker = Start();
        await Time.ArmedAsync(RepairInterval);
        (Cluster.IsAway, Log.Fault) = (true, new IOException("The disk is full."));
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        (Cluster.IsAway, Log.Fault) = (false, null);
        Time.Advance(RepairInterval);
        await Time.ArmedAsync(RepairInterval);
        await Succeed(breaker);
        Assert.Equal(1, (await NextReportAsync()).Successes);
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
}
