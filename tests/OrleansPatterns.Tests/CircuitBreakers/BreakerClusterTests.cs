using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Breakers of real processes' services on a real cluster in memory.</summary>
public sealed class BreakerClusterTests(MemoryCluster fixture)
{
    private static readonly string[] Keys = ["2a", "02a", "2A", "123", "0123", "a+b", "0f8fad5b-d9cb-469f-a165-70867728950e"];

    private readonly string _dependency = $"dependency-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainFactory Grains => fixture.Service<IGrainFactory>();

    /// <summary>The breaker in the client's process and that in a silo's.</summary>
    private ICircuitBreaker Here => fixture.Service<ICircuitBreakerProvider>().Get(_dependency);

    private ICircuitBreaker There =>
        fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<ICircuitBreakerProvider>().Get(_dependency);

    [Fact]
    public async Task Execute_WhileClosed_GivesTheCallsResultOrItsException()
    {
        Assert.Equal(5, await Here.ExecuteAsync(_ => Task.FromResult(5), Token));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => Here.ExecuteAsync(_ => Task.FromException(new TimeZoneNotFoundException()), Token));
    }

    [Fact]
    public async Task Execute_WhenTheCallsOfOneProcessFail_IsRefusedInEveryProcess()
    {
        var opened = WaitForAsync(There, BreakerState.Open);
        for (var call = 0; call < 100; call++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => Here.ExecuteAsync(_ => Task.FromException(new TimeZoneNotFoundException()), Token));
        }

        await opened;
        var refused = await Assert.ThrowsAsync<BrokenCircuitException>(() => There.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(5.5));
        Assert.Contains("calls failed within 30 s", refused.Message, StringComparison.Ordinal);

        // Both silos have a listener, and both processes have heard of it.
        var change = Assert.Single(MemoryCluster.Transitions.Of(_dependency));
        Assert.Equal((BreakerState.Closed, BreakerState.Open), (change.From, change.To));
        Assert.Equal(change.Reason, (await Grains.GetBreakerGrain(_dependency).GetStatusAsync()).Snapshot.Reason);
    }

    [Fact]
    public async Task Execute_WhenOnlyTheCallsOfOneProcessFail_IsRefusedThereAlone()
    {
        for (var call = 0; call < 60; call++)
        {
            await There.ExecuteAsync(_ => Task.FromResult(1), Token);
        }

        while ((await Grains.GetBreakerGrain(_dependency).GetStatusAsync()).Successes < 60)
        {
            // Its report is under way.
        }

        var opened = WaitForAsync(Here, BreakerState.LocalOpen);
        for (var call = 0; call < 60; call++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => Here.ExecuteAsync(_ => Task.FromException(new TimeZoneNotFoundException()), Token));
        }

        await opened;
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Here.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.Equal(1, await There.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.Equal(BreakerState.Closed, There.State);
    }

    [Fact]
    public async Task Report_Repeated_CountsOnce()
    {
        var grain = Grains.GetBreakerGrain(_dependency);
        var report = Report(Guid.NewGuid(), failures: 60);
        await grain.ReportAsync(report);
        await grain.ReportAsync(report);
        var status = await grain.GetStatusAsync();
        Assert.Equal((BreakerState.Closed, 60, 1), (status.Snapshot.State, status.Failures, status.Callers));
    }

    [Fact]
    public async Task Report_OfAGenerationThatTheStoreHasLost_IsOvertaken()
    {
        var grain = Grains.GetBreakerGrain(_dependency);
        var caller = Guid.NewGuid();
        var reply = await grain.ReportAsync(Report(caller, failures: 1) with { Generation = 7, Version = 7 });
        Assert.Equal((BreakerState.Closed, 8), (reply.State, reply.Generation));
        await grain.ReportAsync(Report(caller, failures: 100) with { Generation = 8, Sequence = 2 });
        Assert.Equal(BreakerState.Open, (await grain.GetStatusAsync()).Snapshot.State);
    }

    [Fact]
    public async Task Report_OpenBreaker_SurvivesTheEndOfItsActivation()
    {
        var grain = Grains.GetBreakerGrain(_dependency);
        await grain.ReportAsync(Report(Guid.NewGuid(), failures: 100));
        await fixture.Cluster.DeactivateAsync(grain);
        var status = await grain.GetStatusAsync();
        Assert.Equal((BreakerState.Open, 1), (status.Snapshot.State, status.Snapshot.Generation));
    }

    [Fact]
    public async Task TryAcquireProbe_AfterTheBreak_GivesOnePermitForAllProcesses()
    {
        // The grain's settings are those of the first report: the shortest break there is.
        var settings = BreakerSettings.From(new CircuitBreakerOptions { BreakDuration = TimeSpan.FromMilliseconds(100) });
        var grain = Grains.GetBreakerGrain(_dependency);
        var opened = await grain.ReportAsync(Report(Guid.NewGuid(), failures: 100) with { Settings = settings });

        ProbeReply first;
        do
        {
            first = await grain.TryAcquireProbeAsync("prober", version: 0, settings);
        }
        while (first.PermitId == 0);
        var second = await grain.TryAcquireProbeAsync("prober", version: 0, settings);

        Assert.Equal((BreakerState.Open, BreakerState.HalfOpen, 0L), (opened.State, first.Snapshot.State, second.PermitId));
        Assert.InRange(second.RetryAfter, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task Isolate_ByHand_RefusesInEveryProcessUntilClosedByHand()
    {
        var isolated = WaitForAsync(There, BreakerState.Isolated);
        await Here.IsolateAsync("maintenance", Token);
        await isolated;
        var refused = await Assert.ThrowsAsync<IsolatedCircuitException>(() => There.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.Contains("maintenance", refused.Message, StringComparison.Ordinal);

        var closed = WaitForAsync(There, BreakerState.Closed);
        await Here.CloseAsync(Token);
        await closed;
        Assert.Equal(1, await There.ExecuteAsync(_ => Task.FromResult(1), Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Isolate_WithoutAReason_IsRefused(string reason) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Here.IsolateAsync(reason, Token));

    [Fact]
    public async Task Keys_ThatLookLikeTheSameNumber_AreDifferentBreakers()
    {
        foreach (var key in Keys)
        {
            Assert.Equal(0, (await Grains.GetBreakerGrain(_dependency + "/" + key).GetStatusAsync()).Snapshot.Generation);
            await Grains.GetBreakerGrain(_dependency + "/" + key).HoldAsync(BreakerCommands.Isolation(key));
        }

        foreach (var key in Keys)
        {
            Assert.Equal(key, (await Grains.GetBreakerGrain(_dependency + "/" + key).GetStatusAsync()).Snapshot.Reason);
        }
    }

    private static BreakerReport Report(Guid caller, int failures) => new()
    {
        Caller = $"{caller}",
        Epoch = caller,
        Version = 0,
        Sequence = 1,
        Generation = 0,
        Successes = 0,
        Failures = failures,
        Settings = BreakerSettings.From(new CircuitBreakerOptions()),
    };

    private static async Task WaitForAsync(ICircuitBreaker breaker, BreakerState state)
    {
        await foreach (var current in breaker.WatchAsync(Token).WithCancellation(Token))
        {
            if (current == state)
            {
                return;
            }
        }
    }
}
