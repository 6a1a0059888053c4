using Medallion.Threading;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Leases and slices by a clock that only these tests move. The silo waits out 1 % more than it promised.</summary>
public sealed class LockExpiryTests(FakeTimeCluster fixture) : LockClusterTests(fixture.Cluster), IClassFixture<FakeTimeCluster>
{
    private static readonly LockReply Busy = new() { Outcome = LockOutcome.Busy };
    private static readonly LockReply Queued = new() { Outcome = LockOutcome.Queued };

    [Fact]
    public async Task Holder_ThatFallsSilent_IsFollowedByTheFirstWaiter()
    {
        var (grain, silent, waiter) = (FreshGrain(), Ask(leaseSeconds: 3), Ask());
        var granted = await grain.AcquireAsync(silent).Soon();
        var parked = await ParkAsync(grain, waiter, 1);

        Advance(3_029);
        Assert.Equal((true, 1L, 1), await SummaryAsync(grain));
        Assert.False(parked.IsCompleted);
        Advance(1);
        var reply = await parked.Soon();
        Assert.Equal((LockOutcome.Granted, 2L, Seconds(2)), (reply.Outcome, reply.FencingToken, reply.Lease));
        Assert.Equal(RenewOutcome.NotHolder, await RenewAsync(grain, silent, granted));
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(silent.RequestId, 1).Soon());
        Assert.Equal((true, 2L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Holder_ThatFallsSilent_IsFollowedByWhoeverAsksThen()
    {
        var (grain, silent) = (FreshGrain(), Ask(leaseSeconds: 3));
        await grain.AcquireAsync(silent).Soon();
        Advance(3_029);
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false)).Soon());
        Advance(1);
        Assert.Equal((false, 1L, 0), await SummaryAsync(grain));
        Assert.Equal(2, (await grain.AcquireAsync(Ask(wait: false)).Soon()).FencingToken);

        // The silent one wakes up and repeats its request. It has not been released, so it may wait, but nothing is left of its grant.
        Assert.Equal(Busy, await grain.AcquireAsync(silent with { WaitFor = TimeSpan.Zero }).Soon());
    }

    [Fact]
    public async Task Holder_ThatRenews_Stays()
    {
        var (grain, holder) = (FreshGrain(), Ask(leaseSeconds: 3));
        var granted = await grain.AcquireAsync(holder).Soon();
        for (var renewal = 1; renewal <= 5; renewal++)
        {
            Advance(3_029);
            Assert.Equal(RenewOutcome.Renewed, await RenewAsync(grain, holder, granted));
        }

        Advance(3_030);
        Assert.Equal(RenewOutcome.NotHolder, await RenewAsync(grain, holder, granted));
    }

    [Fact]
    public async Task Holder_ThatRepeatsItsRequest_RenewsByIt()
    {
        var (grain, holder) = (FreshGrain(), Ask(leaseSeconds: 3));
        var granted = await grain.AcquireAsync(holder).Soon();
        Advance(3_029);
        Assert.Equal(granted, await grain.AcquireAsync(holder).Soon());
        Advance(3_029);
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal((false, 1L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Holder_AfterDeactivation_KeepsWhatIsLeftOfItsLease()
    {
        var (grain, holder) = (FreshGrain(), Ask(leaseSeconds: 3));
        await grain.AcquireAsync(holder).Soon();
        Advance(2_030);
        await Cluster.DeactivateAsync(grain).Soon();
        Advance(1_009);
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false)).Soon());

        // The rest was a second, of which another silo waits out 1 % more again.
        Advance(1_009);
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false)).Soon());
        Advance(1);
        Assert.Equal(2, (await grain.AcquireAsync(Ask(wait: false)).Soon()).FencingToken);
    }

    [Fact]
    public async Task Grant_ThatIsNotConfirmed_PassesOnAfterTwoSeconds()
    {
        var (grain, holder, dead, alive) = (FreshGrain(), Ask(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var deadTurn = await ParkAsync(grain, dead, 1);
        var aliveTurn = await ParkAsync(grain, alive, 2);
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        var granted = await deadTurn.Soon();
        Assert.Equal(2, granted.FencingToken);

        Advance(2_019);
        Assert.Equal((true, 2L, 1), await SummaryAsync(grain));
        Assert.False(aliveTurn.IsCompleted);
        Advance(1);
        var reply = await aliveTurn.Soon();
        Assert.Equal(3, reply.FencingToken);
        Assert.Equal(RenewOutcome.NotHolder, await RenewAsync(grain, dead, granted));

        // Confirmed, it lasts for the lease that was asked for.
        Assert.Equal(RenewOutcome.Renewed, await RenewAsync(grain, alive, reply));
        Advance(15_149);
        Assert.Equal((true, 3L, 0), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal((false, 3L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Waiter_WhenItsSliceEnds_IsQueuedAndKeepsItsPlaceForSixSeconds()
    {
        var (grain, holder, first, second) = (FreshGrain(), Ask(leaseSeconds: 60), Ask() with { WaitFor = Seconds(5) }, Ask());
        await grain.AcquireAsync(holder).Soon();
        var slice = await ParkAsync(grain, first, 1);
        Advance(4_999);
        Assert.False(slice.IsCompleted);
        Advance(1);
        Assert.Equal(Queued, await slice.Soon());
        var secondTurn = await ParkAsync(grain, second, 2);

        Advance(5_999);
        Assert.Equal((true, 1L, 2), await SummaryAsync(grain));
        var firstTurn = grain.AcquireAsync(first);
        Assert.Equal((true, 1L, 2), await SummaryAsync(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await firstTurn.Soon()).FencingToken);
        Assert.False(secondTurn.IsCompleted);
    }

    [Fact]
    public async Task Waiter_ThatFallsSilent_LapsesSixSecondsAfterItsSliceAndBlocksNobody()
    {
        var (grain, holder, dead, alive) = (FreshGrain(), Ask(leaseSeconds: 60), Ask() with { WaitFor = Seconds(5) }, Ask());
        await grain.AcquireAsync(holder).Soon();
        var slice = await ParkAsync(grain, dead, 1);
        Advance(5_000);
        Assert.Equal(Queued, await slice.Soon());
        var turn = await ParkAsync(grain, alive, 2);

        Advance(5_999);
        Assert.Equal((true, 1L, 2), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal((true, 1L, 1), await SummaryAsync(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await turn.Soon()).FencingToken);
    }

    [Fact]
    public async Task Readers_BehindAWriterThatFallsSilent_GoInWhenItLapses()
    {
        var (grain, holder) = (FreshGrain(), Ask(leaseSeconds: 60) with { Mode = LockMode.Read });
        await grain.AcquireAsync(holder).Soon();
        var slice = await ParkAsync(grain, Ask() with { WaitFor = Seconds(5) }, 1);
        Advance(5_000);
        Assert.Equal(Queued, await slice.Soon());
        var first = await ParkAsync(grain, Ask() with { Mode = LockMode.Read }, 2);
        var second = await ParkAsync(grain, Ask() with { Mode = LockMode.Read }, 3);

        Advance(5_999);
        Assert.Equal((true, 1L, 3), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal([2, 3], (await Task.WhenAll(first, second).Soon()).Select(reply => reply.FencingToken));
        Assert.Equal((true, 3L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Semaphore_OfWhichOneHolderFallsSilent_PassesItsPlaceOn()
    {
        var grain = FreshGrain();
        await grain.AcquireAsync(Place(3)).Soon();
        await grain.AcquireAsync(Place(60)).Soon();
        var parked = await ParkAsync(grain, Place(15), 1);
        Advance(3_029);
        Assert.Equal((true, 2L, 1), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal(3, (await parked.Soon()).FencingToken);
        Assert.Equal([2, 3], (await grain.GetStatusAsync().Soon()).Holders.Select(holder => holder.FencingToken));

        static LockRequest Place(double leaseSeconds) => Ask(leaseSeconds) with { Mode = LockMode.Permit, Permits = 2 };
    }

    [Fact]
    public async Task Upgrade_WhenTheOtherReaderFallsSilent_IsTheWriter()
    {
        var (grain, upgradeable) = (FreshGrain(), Ask(leaseSeconds: 60) with { Mode = LockMode.UpgradeableRead });
        await grain.AcquireAsync(upgradeable).Soon();
        await grain.AcquireAsync(Ask(leaseSeconds: 3) with { Mode = LockMode.Read }).Soon();
        var upgrading = await ParkAsync(grain, Ask() with { Upgrades = upgradeable.RequestId }, 1);
        Advance(3_029);
        Assert.Equal((true, 2L, 1), await SummaryAsync(grain));
        Advance(1);
        Assert.Equal(3, (await upgrading.Soon()).FencingToken);
        var holder = Assert.Single((await grain.GetStatusAsync().Soon()).Holders);
        Assert.Equal((LockMode.Write, 3L), (holder.Mode, holder.FencingToken));
    }

    /// <summary>The name is free for any kind although nobody has released it.</summary>
    [Fact]
    public async Task Name_WhoseHolderHasFallenSilent_TakesAnotherKind()
    {
        var (grain, semaphore) = (FreshGrain(), Ask() with { Mode = LockMode.Permit, Permits = 2 });
        await grain.AcquireAsync(Ask(leaseSeconds: 3)).Soon();
        Advance(3_029);
        await Assert.ThrowsAsync<LockKindException>(() => grain.AcquireAsync(semaphore).Soon());
        Advance(1);
        Assert.Equal(2, (await grain.AcquireAsync(semaphore).Soon()).FencingToken);
        Assert.Equal(2, (await grain.GetStatusAsync().Soon()).Permits);
    }

    [Fact]
    public async Task GetStatus_SaysSinceWhen()
    {
        var grain = FreshGrain();
        await grain.AcquireAsync(Ask()).Soon();
        Advance(1_000);
        var parked = await ParkAsync(grain, Ask() with { WaitedFor = Seconds(7) }, 1);
        Advance(2_000);
        var status = await grain.GetStatusAsync().Soon();
        var holder = Assert.Single(status.Holders);
        Assert.Equal((Seconds(3), Seconds(12.15)), (holder.HeldFor, holder.ExpiresIn));
        Assert.Equal(Seconds(9), Assert.Single(status.Waiters).WaitingFor);
        Assert.False(parked.IsCompleted);
    }

    [Fact]
    public async Task Break_OfAHoldThatIsOver_IsZero()
    {
        var grain = FreshGrain();
        await grain.AcquireAsync(Ask(leaseSeconds: 3)).Soon();
        Advance(3_030);
        Assert.Equal((false, 1L, 0), await SummaryAsync(grain));
        Assert.Equal(0, await grain.BreakAsync(0).Soon());
    }

    /// <summary>Orleans gives up a call after 30 seconds.</summary>
    [Fact]
    public async Task Acquire_ThatWaitsForLongerThanACallMayTake_KeepsItsPlace()
    {
        var name = FreshKey();
        var (grain, holder) = (Cluster.Client.GetLockGrain(name), Ask(leaseSeconds: 600));
        await grain.AcquireAsync(holder).Soon();
        var first = Locks.AcquireLockAsync(name, cancellationToken: Token).AsTask();
        await QueuedAsync(name, 1);
        await fixture.Patterns.AdvanceAsync(Seconds(20), Token);
        var second = Locks.TryAcquireLockAsync(name, TimeSpan.FromMinutes(10), Token).AsTask();
        await QueuedAsync(name, 2);
        await fixture.Patterns.AdvanceAsync(Seconds(40), Token);
        Assert.Equal([Seconds(60), Seconds(40)], (await StatusAsync(name)).Waiters.Select(waiter => waiter.WaitingFor));
        Assert.False(first.IsCompleted || second.IsCompleted);

        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        await using (var handle = await first.Soon())
        {
            Assert.Equal(2, handle.FencingToken);
            Assert.False(second.IsCompleted);
        }

        await using var next = await second.Soon();
        Assert.Equal(3, next?.FencingToken);
    }

    [Fact]
    public async Task Handle_ThatIsKept_OutlivesItsLeaseByRenewal()
    {
        var name = FreshKey();
        await using var handle = await Locks.AcquireLockAsync(name, cancellationToken: Token).Soon();
        for (var renewal = 1; renewal <= 8; renewal++)
        {
            await fixture.Patterns.AdvanceAsync(Seconds(5), Token);
            var holder = Assert.Single((await StatusAsync(name)).Holders);
            Assert.Equal((1L, Seconds(5 * renewal), Seconds(15.15)), (holder.FencingToken, holder.HeldFor, holder.ExpiresIn));
        }

        Assert.False(handle.HandleLostToken.IsCancellationRequested);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>Asks, and waits until the request is the last of so many in the queue.</summary>
    private static async Task<Task<LockReply>> ParkAsync(ILockGrain grain, LockRequest request, int count)
    {
        var parked = grain.AcquireAsync(request);
        await grain.UntilAsync(status => status.WaiterCount == count, $"{count} waiters");
        return parked;
    }

    private static async Task<RenewOutcome> RenewAsync(ILockGrain grain, LockRequest request, LockReply granted)
    {
        var renewal = new LockRenewal
        {
            RequestId = request.RequestId, FencingToken = granted.FencingToken, Proof = granted.Proof, Lease = request.Lease, Owner = request.Owner,
        };
        return (await grain.RenewAsync(renewal).Soon()).Outcome;
    }

    private static async Task<(bool IsHeld, long Token, int Waiters)> SummaryAsync(ILockGrain grain)
    {
        var status = await grain.GetStatusAsync().Soon();
        return (status.IsHeld, status.FencingToken, status.WaiterCount);
    }

    private void Advance(int milliseconds) => fixture.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
