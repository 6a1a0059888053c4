using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What the silo of a lock tells of it.</summary>
public sealed class LockGrainMetricsTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    [Fact]
    public async Task Holder_ThatFallsSilent_IsCountedOnce()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        var grain = FreshGrain();
        await grain.AcquireAsync(Ask(leaseSeconds: 3)).Soon();
        fixture.Time.Advance(TimeSpan.FromMilliseconds(3_030));
        Assert.Equal(2, (await grain.AcquireAsync(Ask(leaseSeconds: 3, wait: false)).Soon()).FencingToken);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(3_030));
        Assert.Equal(3, (await grain.AcquireAsync(Ask(wait: false)).Soon()).FencingToken);

        Assert.Equal([("cause=expired", 1), ("cause=expired", 1)], metrics.Of("lock.evictions"));
    }

    [Fact]
    public async Task Holders_ThatAnOperatorBreaks_AreCounted_AndThoseWhoReleaseAreNot()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        var (grain, holder) = (FreshGrain(), Ask());
        var granted = await grain.AcquireAsync(holder).Soon();
        await grain.ReleaseAsync(holder.RequestId, granted.FencingToken).Soon();
        await grain.AcquireAsync(Ask() with { Mode = LockMode.Read }).Soon();
        await grain.AcquireAsync(Ask() with { Mode = LockMode.Read }).Soon();
        Assert.Equal(2, await grain.BreakAsync(0).Soon());
        Assert.Equal(0, await grain.BreakAsync(0).Soon());

        Assert.Equal([("cause=broken", 2)], metrics.Of("lock.evictions"));
        Assert.Empty(metrics.Of("lock.recovery.duration"));
    }

    /// <summary>The row is as a silo left it that died.</summary>
    [Fact]
    public async Task Activation_ThatMustWaitForItsPredecessorsClaim_SaysForHowLong()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        var grain = FreshGrain();
        await fixture.Silo.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns).WriteStateAsync(
            PatternNames.Lock,
            grain.GetGrainId(),
            new GrainState<LockRecord>(new LockRecord
            {
                LastToken = 64, Horizon = TimeSpan.FromSeconds(3), Secret = Guid.NewGuid(), WriteId = Guid.NewGuid(),
            }));
        await grain.GetStatusAsync().Soon();

        Assert.Equal([("", 3.03)], metrics.Of("lock.recovery.duration"));
    }

    private ILockGrain FreshGrain() => fixture.Cluster.Client.GetLockGrain(FreshKey());
}
