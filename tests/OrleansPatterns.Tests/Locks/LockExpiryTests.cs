using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockExpiryTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan LongestSlice = TimeSpan.FromSeconds(10);

    private FakeTimeProvider Time => fixture.Time;

    [Fact]
    public async Task Holder_ThatFallsSilent_IsFollowedByTheFirstWaiterThatConfirms()
    {
        var (grain, silent, dead, alive) = (Grain(), Ask(leaseSeconds: 3), Ask(), Ask());
        await grain.AcquireAsync(silent).Soon();
        await grain.AcquireAsync(dead).Soon();
        await grain.AcquireAsync(alive).Soon();
        var deadTurn = grain.WaitAsync(dead.RequestId, LongestSlice);
        var aliveTurn = grain.WaitAsync(alive.RequestId, LongestSlice);
        await grain.GetStatusAsync().Soon();

        Time.Advance(TimeSpan.FromMilliseconds(3029));
        Assert.Equal(1, (await grain.GetStatusAsync().Soon()).FencingToken);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 2 }, await deadTurn.Soon());

        Time.Advance(TimeSpan.FromMilliseconds(2019));
        Assert.Equal(2, (await grain.GetStatusAsync().Soon()).FencingToken);
        Assert.False(aliveTurn.IsCompleted);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 3 }, await aliveTurn.Soon());
        Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(alive.RequestId, 3, alive.Lease).Soon());

        Time.Advance(alive.Lease);
        Assert.Equal((true, 3L, 0), await Summary(grain));
    }

    [Fact]
    public async Task Holder_ThatRenews_Stays()
    {
        var (grain, holder) = (Grain(), Ask(leaseSeconds: 3));
        await grain.AcquireAsync(holder).Soon();
        for (var renewal = 0; renewal < 5; renewal++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(2900));
            Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(holder.RequestId, 1, holder.Lease).Soon());
        }

        Time.Advance(TimeSpan.FromMilliseconds(3030));
        Assert.Equal(RenewOutcome.NotHolder, await grain.RenewAsync(holder.RequestId, 1, holder.Lease).Soon());
    }

    [Fact]
    public async Task Holder_AfterDeactivation_HasItsFullLeaseAnew()
    {
        var (grain, holder) = (Grain(), Ask(leaseSeconds: 3));
        await grain.AcquireAsync(holder).Soon();
        Time.Advance(TimeSpan.FromSeconds(2));
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(Ask(wait: false)).Soon()).Outcome);
        Time.Advance(TimeSpan.FromMilliseconds(3029));
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(Ask(wait: false)).Soon()).Outcome);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, (await grain.AcquireAsync(Ask(wait: false)).Soon()).FencingToken);
    }

    [Fact]
    public async Task Wait_WhenTheSliceEnds_IsStillQueued()
    {
        var (grain, waiter) = (Grain(), Ask());
        await grain.AcquireAsync(Ask()).Soon();
        await grain.AcquireAsync(waiter).Soon();
        var slice = grain.WaitAsync(waiter.RequestId, TimeSpan.FromSeconds(5));
        await grain.GetStatusAsync().Soon();
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(LockOutcome.Queued, (await slice.Soon()).Outcome);
    }

    [Fact]
    public async Task Waiter_ThatFallsSilent_LapsesSixSecondsAfterItsSlice()
    {
        var (grain, holder, waiter) = (Grain(), Ask(leaseSeconds: 60), Ask());
        await grain.AcquireAsync(holder).Soon();
        await grain.AcquireAsync(waiter).Soon();
        var slice = grain.WaitAsync(waiter.RequestId, TimeSpan.FromSeconds(5));
        await grain.GetStatusAsync().Soon();
        Time.Advance(TimeSpan.FromMilliseconds(10999));
        await slice.Soon();
        Assert.Equal((true, 1L, 1), await Summary(grain));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((true, 1L, 0), await Summary(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal((false, 1L, 0), await Summary(grain));
    }

    private static async Task<(bool IsHeld, long Token, int Waiters)> Summary(ILockGrain grain)
    {
        var status = await grain.GetStatusAsync().Soon();
        return (status.IsHeld, status.FencingToken, status.Waiters);
    }

    private ILockGrain Grain() => fixture.Cluster.Client.GetLockGrain(FreshKey());
}
