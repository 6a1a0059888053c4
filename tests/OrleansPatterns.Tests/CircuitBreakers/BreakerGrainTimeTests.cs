using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerGrainTimeTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    [Fact]
    public async Task Probes_OneAtATime_CloseIt()
    {
        var grain = await HalfOpenGrainAsync();
        for (var probe = 0; probe < 3; probe++)
        {
            var permit = await AskAsync(grain);
            Assert.NotEqual(0, permit.PermitId);
            Assert.Equal((0L, Seconds(0.5)), await RefusalAsync(grain));
            await grain.ReportProbeAsync("prober", permit.PermitId, CallOutcome.Succeeded).Soon();
        }

        Assert.Equal(BreakerState.Closed, (await grain.GetStatusAsync().Soon()).Snapshot.State);
    }

    [Fact]
    public async Task HalfOpen_AfterDeactivation_KeepsTheProbeUnderWay_AndTakesItsResult()
    {
        var grain = await HalfOpenGrainAsync();
        var former = await AskAsync(grain);
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal((0L, Seconds(0.5)), await RefusalAsync(grain));
        Assert.Equal(BreakerState.HalfOpen, (await grain.ReportProbeAsync("prober", former.PermitId, CallOutcome.Cancelled).Soon()).State);

        var next = await AskAsync(grain);
        Assert.True(next.PermitId > former.PermitId);
        Assert.Equal(BreakerState.HalfOpen, (await grain.ReportProbeAsync("prober", former.PermitId, CallOutcome.Failed).Soon()).State);
        Assert.Equal(BreakerState.Open, (await grain.ReportProbeAsync("prober", next.PermitId, CallOutcome.Failed).Soon()).State);
    }

    [Fact]
    public async Task HeldForATime_IsClosedAfterIt_AlsoByAnotherActivation()
    {
        var grain = fixture.Cluster.Client.GetBreakerGrain(FreshDependency());
        await grain.HoldAsync(Isolation("moving house") with { ExpiresAfter = Seconds(60) }).Soon();
        fixture.Time.Advance(Seconds(40));
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        var held = (await grain.GetStatusAsync().Soon()).Snapshot;
        Assert.Equal((BreakerState.Isolated, Seconds(20)), (held.State, held.OpenFor));
        fixture.Time.Advance(Seconds(20));
        var status = await grain.GetStatusAsync().Soon();
        Assert.Equal((BreakerState.Closed, null), (status.Snapshot.State, status.Override));
        Assert.Equal("What was decided by hand has expired.", status.History[^1].Reason);
    }

    private static Task<ProbeReply> AskAsync(IBreakerGrain grain) => grain.TryAcquireProbeAsync("prober", version: 0, Defaults).Soon();

    private static async Task<(long PermitId, TimeSpan RetryAfter)> RefusalAsync(IBreakerGrain grain)
    {
        var reply = await AskAsync(grain);
        return (reply.PermitId, reply.RetryAfter);
    }

    private async Task<IBreakerGrain> HalfOpenGrainAsync()
    {
        var grain = fixture.Cluster.Client.GetBreakerGrain(FreshDependency());
        await grain.ReportAsync(Report(failures: 100)).Soon();
        fixture.Time.Advance(Seconds(6));
        return grain;
    }
}
