using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockGrainTests(MemoryCluster fixture)
{
    private static readonly TimeSpan LongestSlice = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Acquire_Repeated_IsTheSameGrant()
    {
        var (grain, request) = (Grain(), Ask());
        Assert.Equal(1, (await grain.AcquireAsync(request).Soon()).FencingToken);
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 1 }, await grain.AcquireAsync(request).Soon());
    }

    [Fact]
    public async Task Release_WithWaiters_GrantsInTheOrderOfAsking()
    {
        var grain = Grain();
        var requests = Enumerable.Range(0, 6).Select(_ => Ask()).ToList();
        foreach (var request in requests)
        {
            await grain.AcquireAsync(request).Soon();
        }

        // Parked in the opposite order, which must not matter.
        var turns = requests.ToDictionary(request => request, _ => Task.FromResult(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 1 }));
        foreach (var request in requests.Skip(1).Reverse())
        {
            turns[request] = grain.WaitAsync(request.RequestId, LongestSlice);
        }

        for (var turn = 0; turn < requests.Count; turn++)
        {
            var request = requests[turn];
            Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = turn + 1 }, await turns[request].Soon());
            Assert.All(requests.Skip(turn + 1), later => Assert.False(turns[later].IsCompleted));
            Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(request.RequestId, turn + 1, request.Lease).Soon());
            Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(request.RequestId, turn + 1).Soon());
        }

        Assert.Equal(new LockStatus { IsHeld = false, FencingToken = 6, Waiters = 0 }, await grain.GetStatusAsync().Soon());
    }

    [Fact]
    public async Task Token_AfterReleaseAndDeactivation_GrowsOn()
    {
        var (grain, first) = (Grain(), Ask());
        await grain.AcquireAsync(first).Soon();
        await grain.ReleaseAsync(first.RequestId, 1).Soon();
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal(2, (await grain.AcquireAsync(Ask()).Soon()).FencingToken);
    }

    [Fact]
    public async Task Holder_AfterDeactivation_StillHoldsAndRenews()
    {
        var (grain, holder) = (Grain(), Ask());
        await grain.AcquireAsync(holder).Soon();
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(Ask(wait: false)).Soon()).Outcome);
        Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(holder.RequestId, 1, holder.Lease).Soon());
    }

    [Fact]
    public async Task Waiter_WhenTheActivationEnds_IsSentOffAndKeepsItsPlace()
    {
        var (grain, holder, first, second) = (Grain(), Ask(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        await grain.AcquireAsync(first).Soon();

        // Orleans ends an activation only when its calls have returned, so the slice is short.
        var parked = grain.WaitAsync(first.RequestId, TimeSpan.FromMilliseconds(200));
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        await parked.Soon();

        Assert.Equal(LockOutcome.Unknown, (await grain.WaitAsync(first.RequestId, LongestSlice).Soon()).Outcome);
        await grain.AcquireAsync(second with { WaitedFor = TimeSpan.FromSeconds(1) }).Soon();
        await grain.AcquireAsync(first with { WaitedFor = TimeSpan.FromSeconds(2) }).Soon();
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await grain.WaitAsync(first.RequestId, LongestSlice).Soon()).FencingToken);
    }

    [Fact]
    public async Task RenewAndRelease_ByStrangers_HaveNoEffectAndTellNothing()
    {
        var (grain, holder) = (Grain(), Ask());
        await grain.AcquireAsync(holder).Soon();
        foreach (var (id, token) in new[] { (Guid.NewGuid(), 1L), (holder.RequestId, 0L), (holder.RequestId, 2L), (Guid.Empty, long.MaxValue) })
        {
            Assert.Equal(RenewOutcome.NotHolder, await grain.RenewAsync(id, token, holder.Lease).Soon());
            Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(id, token).Soon());
        }

        Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(holder.RequestId, 1, holder.Lease).Soon());
    }

    [Fact]
    public async Task Cancel_BeforeTheAcquireArrives_KeepsItFromBeingGranted()
    {
        var (grain, late) = (Grain(), Ask());
        await grain.CancelAsync(late.RequestId).Soon();
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(late).Soon()).Outcome);
        Assert.Equal(LockOutcome.Granted, (await grain.AcquireAsync(Ask()).Soon()).Outcome);
    }

    [Fact]
    public async Task GetStatus_ShowsHolderAndWaiters()
    {
        var grain = Grain();
        await grain.AcquireAsync(Ask() with { Owner = "orders/7" }).Soon();
        await grain.AcquireAsync(Ask()).Soon();
        var status = await grain.GetStatusAsync().Soon();
        Assert.Equal((true, "orders/7", 1L, 1), (status.IsHeld, status.Owner, status.FencingToken, status.Waiters));
    }

    public static TheoryData<LockRequest, string> BadRequests => new()
    {
        { Ask() with { RequestId = Guid.Empty }, "A request for a lock has an id that no other has; this one is empty." },
        { Ask() with { Owner = "" }, "The owner of a lock is 1 to 256 characters long; this one has 0." },
        { Ask() with { Owner = new string('o', 257) }, "The owner of a lock is 1 to 256 characters long; this one has 257." },
        { Ask(leaseSeconds: 0.999), "A lease is 00:00:01 to 00:10:00." },
        { Ask(leaseSeconds: 600.001), "A lease is 00:00:01 to 00:10:00." },
        { Ask() with { WaitedFor = TimeSpan.FromTicks(-1) }, "WaitedFor is a duration and not negative." },
    };

    [Theory]
    [MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public async Task Acquire_OutOfBounds_IsRefused(LockRequest request, string expected)
    {
        var exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => Grain().AcquireAsync(request).Soon());
        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10.001)]
    public async Task Wait_WithASliceOutOfBounds_IsRefused(double seconds) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Grain().WaitAsync(Guid.NewGuid(), TimeSpan.FromSeconds(seconds)).Soon());

    [Fact]
    public async Task Grain_AddressedWithAForeignKey_DoesNotActivate()
    {
        var foreign = fixture.Cluster.Client.GetGrain<ILockGrain>(GrainId.Create("orleanspatterns.lock", "saga/2a"));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => foreign.GetStatusAsync().Soon());
        Assert.Contains("does not start with 'lock/'", exception.ToString(), StringComparison.Ordinal);
    }

    private ILockGrain Grain() => fixture.Cluster.Client.GetLockGrain(FreshKey());
}
