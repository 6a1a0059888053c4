using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Tests.Telemetry;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What a process tells of its breakers, on a clock that the test moves, with a grain that the test plays.</summary>
public sealed class BreakerMetricsTests : ScriptedBreakerTests
{
    private readonly BreakerInstruments _instruments;
    private readonly IServiceProvider _services;

    public BreakerMetricsTests() => _instruments = new BreakerInstruments(TestInstruments.NewMeter(out _services));

    [Fact]
    public async Task Calls_AreCountedWithTheReport()
    {
        using var metrics = new RecordedMetrics(_services);
        var breaker = Start(_instruments);
        await Succeed(breaker);
        await Succeed(breaker);
        await FailAsync(breaker);
        Assert.Empty(metrics.Of("breaker.calls"));

        await NextReportAsync();

        Assert.Equal([("outcome=succeeded", 2), ("outcome=failed", 1)], metrics.Of("breaker.calls"));
        Assert.Empty(metrics.Of("breaker.rejections"));
    }

    [Fact]
    public async Task Rejections_AndProbes_SayWhatTheBreakerWasAndHowTheyEnded()
    {
        using var metrics = new RecordedMetrics(_services);
        var breaker = Start(_instruments);
        await TripAsync(breaker);
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        Assert.Equal([("state=open", 1)], metrics.Of("breaker.rejections"));

        Time.Advance(Seconds(5));
        var answer = new TaskCompletionSource<int>();
        var probe = breaker.ExecuteAsync(_ => answer.Task, Token);
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Succeed(breaker));
        answer.SetResult(7);
        await probe.Soon();
        await CancelAsync(breaker);
        Time.Advance(Options.ReportInterval);
        await FailAsync(breaker);
        Assert.Equal([("outcome=succeeded", 1), ("outcome=cancelled", 1), ("outcome=failed", 1)], metrics.Of("breaker.probes"));

        await Cluster.DecideAsync(core => core.Hold(Isolation("by hand"), endsAt: null, At(TimeSpan.Zero)));
        await breaker.UntilAsync(BreakerState.Isolated);
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => Succeed(breaker));
        Assert.Equal([("state=open", 1), ("state=half_open", 1), ("state=isolated", 1)], metrics.Of("breaker.rejections"));
    }

    [Fact]
    public async Task Breakers_AreCountedByStateAndByWhoseWordTheyGo()
    {
        using var metrics = new RecordedMetrics(_services);
        Cluster.IsAway = true;
        var breaker = Start(_instruments);
        Assert.Empty(metrics.Read("breaker.breakers"));

        _instruments.Used(breaker);
        Assert.Equal([("state=closed authority=cluster", 1)], metrics.Read("breaker.breakers"));

        await TripAsync(breaker);
        Assert.Equal([("state=open authority=process", 1)], metrics.Read("breaker.breakers"));
        Time.Advance(Seconds(6));
        Assert.Equal([("state=half_open authority=process", 1)], metrics.Read("breaker.breakers"));
    }
}
