using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockGrainTests(MemoryCluster fixture) : LockClusterTests(fixture.Cluster)
{
    private const string BadLease = "A lease is 00:00:01 to 00:10:00. Longer holds are renewed.";
    private const string BadMode = "The mode is Write, Read, UpgradeableRead or Permit.";
    private const string BadOwner = "The owner of a lock is 1 to 256 characters long; this one has ";
    private const string BadPermits = "A semaphore has at least 1 permit, and only a semaphore has any. Set Permits together with LockMode.Permit.";
    private const string BadReleases = "A request repeats at most 16 releases. Release the rest by calls of their own.";
    private const string BadRequestId = "A request for a lock has an id that no other has; this one is empty. Use Guid.NewGuid().";
    private const string BadWaitFor = "WaitFor is zero to 00:00:10. Wait longer by asking again.";

    private static readonly LockReply Busy = new() { Outcome = LockOutcome.Busy };
    private static readonly LockReply Queued = new() { Outcome = LockOutcome.Queued };

    public static TheoryData<LockRequest, string> BadRequests => new()
    {
        { Ask() with { RequestId = Guid.Empty }, BadRequestId },
        { Ask(leaseSeconds: 0.999), BadLease },
        { Ask(leaseSeconds: 600.001), BadLease },
        { Ask(leaseSeconds: -15), BadLease },
        { Ask() with { Owner = null! }, BadOwner + "0." },
        { Ask() with { Owner = "" }, BadOwner + "0." },
        { Ask() with { Owner = new string('o', 257) }, BadOwner + "257." },
        { Ask() with { Mode = LockMode.None }, BadMode },
        { Ask() with { Mode = (LockMode)5 }, BadMode },
        { Ask() with { Mode = LockMode.Permit }, BadPermits },
        { Ask() with { Mode = LockMode.Permit, Permits = -1 }, BadPermits },
        { Ask() with { Permits = 1 }, BadPermits },
        { Ask() with { Mode = LockMode.Read, Permits = 1 }, BadPermits },
        { Ask() with { WaitedFor = TimeSpan.FromTicks(-1) }, "WaitedFor is a duration and not negative. Send zero with the first attempt." },
        { Ask() with { WaitFor = TimeSpan.FromTicks(-1) }, BadWaitFor },
        { Ask() with { WaitFor = TimeSpan.FromSeconds(10) + TimeSpan.FromTicks(1) }, BadWaitFor },
        { Ask() with { Releases = [.. Releases(17)] }, BadReleases },
        { Ask() with { Mode = LockMode.Read, Upgrades = Guid.NewGuid() }, "An upgrade asks for LockMode.Write; this one asks for Read." },
    };

    public static TheoryData<LockRequest> RequestsAtTheirBounds => new()
    {
        Ask(leaseSeconds: 1),
        Ask(leaseSeconds: 600),
        Ask() with { Owner = "o" },
        Ask() with { Owner = new string('o', 256) },
        Ask() with { WaitedFor = TimeSpan.MaxValue / 2 },
        Ask() with { WaitFor = TimeSpan.FromSeconds(10) },
        Ask() with { Releases = [.. Releases(16)] },
        Ask() with { Mode = LockMode.Permit, Permits = 1 },
        Ask() with { Mode = LockMode.Permit, Permits = int.MaxValue },
        Ask() with { Mode = LockMode.UpgradeableRead },
    };

    public static TheoryData<LockRenewal, string> BadRenewals => new()
    {
        { Renewal() with { Lease = TimeSpan.FromSeconds(0.999) }, BadLease },
        { Renewal() with { Lease = TimeSpan.FromSeconds(600.001) }, BadLease },
        { Renewal() with { Owner = null! }, BadOwner + "0." },
        { Renewal() with { Owner = "" }, BadOwner + "0." },
        { Renewal() with { Owner = new string('o', 257) }, BadOwner + "257." },
        { Renewal() with { Mode = LockMode.None }, BadMode },
        { Renewal() with { Mode = (LockMode)(-1) }, BadMode },
        { Renewal() with { Mode = LockMode.Permit }, BadPermits },
        { Renewal() with { Permits = 1 }, BadPermits },
        { Renewal() with { HeldFor = TimeSpan.FromTicks(-1) }, "HeldFor is a duration and not negative." },
    };

    [Theory]
    [MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public async Task Acquire_OutOfBounds_IsRefusedWithoutEffect(LockRequest request, string expected)
    {
        var grain = FreshGrain();
        await AssertRefusedAsync(grain, () => grain.AcquireAsync(request), expected);
    }

    [Theory]
    [MemberData(nameof(RequestsAtTheirBounds), DisableDiscoveryEnumeration = true)]
    public async Task Acquire_AtTheBounds_IsGranted(LockRequest request)
    {
        var reply = await FreshGrain().AcquireAsync(request).Soon();
        Assert.Equal((LockOutcome.Granted, 1L, request.Lease), (reply.Outcome, reply.FencingToken, reply.Lease));
    }

    [Theory]
    [MemberData(nameof(BadRenewals), DisableDiscoveryEnumeration = true)]
    public async Task Renew_OutOfBounds_IsRefusedWithoutEffect(LockRenewal renewal, string expected)
    {
        var grain = FreshGrain();
        await AssertRefusedAsync(grain, () => grain.RenewAsync(renewal), expected);
    }

    [Fact]
    public async Task OtherCalls_OutOfBounds_AreRefusedWithoutEffect()
    {
        await AssertRefusedAsync(FreshGrain(), grain => grain.CancelAsync(Guid.Empty), BadRequestId);
        await AssertRefusedAsync(FreshGrain(), grain => grain.BreakAsync(-1), "fencingToken ('-1') must be a non-negative value.");
        await AssertRefusedAsync(FreshGrain(), grain => grain.BreakAsync(long.MinValue), $"fencingToken ('{long.MinValue}') must be a non-negative value.");
        await AssertRefusedAsync(FreshGrain(), grain => grain.AcquireAsync(null!), "Value cannot be null.");
        await AssertRefusedAsync(FreshGrain(), grain => grain.RenewAsync(null!), "Value cannot be null.");
    }

    [Fact]
    public async Task Acquire_Repeated_IsTheSameGrant()
    {
        var (grain, request) = (FreshGrain(), Ask());
        var first = await grain.AcquireAsync(request).Soon();
        Assert.Equal((LockOutcome.Granted, 1L, request.Lease), (first.Outcome, first.FencingToken, first.Lease));
        Assert.NotEqual(0, first.Proof);
        Assert.Equal(first, await grain.AcquireAsync(request).Soon());
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => grain.AcquireAsync(request))).Soon(), reply => Assert.Equal(first, reply));
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(request.RequestId, 1).Soon());
        Assert.Equal((false, 1L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Acquire_RepeatedWhileItWaits_HasOnePlaceAndOneGrant()
    {
        var (grain, holder, waiter) = (FreshGrain(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var parked = Enumerable.Range(0, 5).Select(_ => grain.AcquireAsync(waiter)).ToList();
        await grain.UntilAsync(status => status.WaiterCount > 0);
        Assert.Equal((true, 1L, 1), await SummaryAsync(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        var replies = await Task.WhenAll(parked).Soon();
        Assert.All(replies, reply => Assert.Equal((LockOutcome.Granted, 2L), (reply.Outcome, reply.FencingToken)));
        Assert.Equal((true, 2L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Acquire_AfterWaiting_IsProvisionalUntilItIsConfirmed()
    {
        var (grain, holder, waiter) = (FreshGrain(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var parked = grain.AcquireAsync(waiter);
        await grain.UntilAsync(status => status.WaiterCount == 1);
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        var reply = await parked.Soon();
        Assert.Equal((LockOutcome.Granted, 2L, TimeSpan.FromSeconds(2)), (reply.Outcome, reply.FencingToken, reply.Lease));
        Assert.InRange(await ExpiresInAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(2.02));
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(Renewal(waiter, reply)).Soon()).Outcome);
        Assert.InRange(await ExpiresInAsync(), TimeSpan.FromSeconds(2.02), TimeSpan.FromSeconds(15.15));

        async Task<TimeSpan> ExpiresInAsync() => Assert.Single((await grain.GetStatusAsync().Soon()).Holders).ExpiresIn;
    }

    [Fact]
    public async Task Acquire_WithoutWaiting_IsBusyAndLeavesNoTrace()
    {
        var (grain, holder) = (FreshGrain(), Ask());
        await grain.AcquireAsync(holder).Soon();
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false)).Soon());
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Acquire_WhenWaitForIsOver_IsQueuedAndKeepsItsPlace()
    {
        var (grain, holder, first, second) = (FreshGrain(), Ask(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        Assert.Equal(Queued, await grain.AcquireAsync(first with { WaitFor = TimeSpan.FromMilliseconds(100) }).Soon());
        var secondTurn = grain.AcquireAsync(second);
        await grain.UntilAsync(status => status.WaiterCount == 2);

        // It knows of less waiting than the second one, and yet is not put behind it.
        var firstTurn = grain.AcquireAsync(first);
        Assert.Equal((true, 1L, 2), await SummaryAsync(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await firstTurn.Soon()).FencingToken);
        Assert.False(secondTurn.IsCompleted);
        await grain.ReleaseAsync(first.RequestId, 2).Soon();
        Assert.Equal(3, (await secondTurn.Soon()).FencingToken);
    }

    [Fact]
    public async Task Acquire_ByOneWhoHasWaitedElsewhere_GoesAheadOfThoseWhoHaveWaitedLess()
    {
        var (grain, holder, shorter, longer) = (FreshGrain(), Ask(), Ask(), Ask() with { WaitedFor = TimeSpan.FromMinutes(2) });
        await grain.AcquireAsync(holder).Soon();
        var shorterTurn = grain.AcquireAsync(shorter with { WaitedFor = TimeSpan.FromMinutes(1) });
        await grain.UntilAsync(status => status.WaiterCount == 1);
        var longerTurn = grain.AcquireAsync(longer);
        await grain.UntilAsync(status => status.WaiterCount == 2);
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await longerTurn.Soon()).FencingToken);
        await grain.ReleaseAsync(longer.RequestId, 2).Soon();
        Assert.Equal(3, (await shorterTurn.Soon()).FencingToken);
    }

    [Fact]
    public async Task Acquire_WithReleasesOfItsSender_FreesTheLockInTheSameCall()
    {
        var (grain, first, second) = (FreshGrain(), Ask() with { Mode = LockMode.Read }, Ask() with { Mode = LockMode.Read });
        await grain.AcquireAsync(first).Soon();
        await grain.AcquireAsync(second).Soon();
        var writer = Ask(wait: false) with { Releases = [new LockRelease(first.RequestId, 1), new LockRelease(second.RequestId, 2)] };
        Assert.Equal(3, (await grain.AcquireAsync(writer).Soon()).FencingToken);
        Assert.Equal((true, 3L, 0), await SummaryAsync(grain));

        // The releases themselves, which come after all, find nothing to release.
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(first.RequestId, 1).Soon());
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(second.RequestId, 2).Soon());
        Assert.Equal((true, 3L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Acquire_WithReleasesThatAreNoHolders_FreesNothing()
    {
        var (grain, holder) = (FreshGrain(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var forged = Ask(wait: false) with { Releases = [new(Guid.NewGuid(), 1), new(holder.RequestId, 2), new(holder.RequestId, 0), default] };
        Assert.Equal(Busy, await grain.AcquireAsync(forged).Soon());
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(holder.RequestId, 1).Soon());
    }

    [Fact]
    public async Task Acquire_WithReleasesOnly_LetsTheFirstWaiterIn()
    {
        var (grain, holder, waiter) = (FreshGrain(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var parked = grain.AcquireAsync(waiter);
        await grain.UntilAsync(status => status.WaiterCount == 1);
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false) with { Releases = [new(holder.RequestId, 1)] }).Soon());
        Assert.Equal(2, (await parked.Soon()).FencingToken);
    }

    [Fact]
    public async Task RenewAndRelease_ByStrangers_HaveNoEffectAndTellNothing()
    {
        var (grain, holder) = (FreshGrain(), Ask() with { Owner = "secret" });
        var granted = await grain.AcquireAsync(holder).Soon();
        foreach (var (id, token) in new[] { (Guid.NewGuid(), 1L), (holder.RequestId, 0L), (holder.RequestId, 2L), (Guid.Empty, long.MaxValue), (Guid.Empty, -1L) })
        {
            // The right proof of the wrong grant, too.
            var forged = Renewal(holder, granted) with { RequestId = id, FencingToken = token };
            var reply = await grain.RenewAsync(forged).Soon();
            Assert.Equal(new LockRenewalReply { Outcome = RenewOutcome.NotHolder }, reply with { Silo = null });
            Assert.DoesNotContain("secret", reply.Silo, StringComparison.Ordinal);
            Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(id, token).Soon());
            await grain.ReleaseOneWayAsync(id, token).Soon();
        }

        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(Renewal(holder, granted)).Soon()).Outcome);
    }

    [Fact]
    public async Task RenewAndRelease_ByAFormerHolder_HaveNoEffect()
    {
        var (grain, former, holder) = (FreshGrain(), Ask(), Ask());
        var granted = await grain.AcquireAsync(former).Soon();
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(former.RequestId, 1).Soon());
        Assert.Equal(2, (await grain.AcquireAsync(holder).Soon()).FencingToken);
        Assert.Equal(RenewOutcome.NotHolder, (await grain.RenewAsync(Renewal(former, granted)).Soon()).Outcome);
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(former.RequestId, 1).Soon());
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(former.RequestId, 2).Soon());

        // Also one that asks under its old id: a repetition that was delayed must not get the lock behind its sender's back.
        Assert.Equal(Busy, await grain.AcquireAsync(former).Soon());
        Assert.Equal((true, 2L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Cancel_BeforeTheAcquireArrives_KeepsItFromBeingGranted()
    {
        var (grain, late) = (FreshGrain(), Ask());
        await grain.CancelAsync(late.RequestId).Soon();
        await grain.CancelAsync(late.RequestId).Soon();
        Assert.Equal(Busy, await grain.AcquireAsync(late).Soon());
        Assert.Equal((false, 0L, 0), await SummaryAsync(grain));
        Assert.Equal(1, (await grain.AcquireAsync(Ask()).Soon()).FencingToken);
    }

    [Fact]
    public async Task Cancel_OfAWaiter_EndsItsCallAndFreesItsPlace()
    {
        var (grain, holder, withdrawn, next) = (FreshGrain(), Ask(), Ask(), Ask());
        await grain.AcquireAsync(holder).Soon();
        var parked = grain.AcquireAsync(withdrawn);
        await grain.UntilAsync(status => status.WaiterCount == 1);
        var nextTurn = grain.AcquireAsync(next);
        await grain.UntilAsync(status => status.WaiterCount == 2);
        await grain.CancelAsync(withdrawn.RequestId).Soon();
        Assert.Equal(Busy, await parked.Soon());
        Assert.Equal((true, 1L, 1), await SummaryAsync(grain));
        await grain.ReleaseAsync(holder.RequestId, 1).Soon();
        Assert.Equal(2, (await nextTurn.Soon()).FencingToken);
    }

    [Fact]
    public async Task Cancel_OfAHolder_HandsTheLockOn()
    {
        var (grain, withdrawn, next) = (FreshGrain(), Ask(), Ask());
        var granted = await grain.AcquireAsync(withdrawn).Soon();
        var nextTurn = grain.AcquireAsync(next);
        await grain.UntilAsync(status => status.WaiterCount == 1);
        await grain.CancelAsync(withdrawn.RequestId).Soon();
        Assert.Equal(2, (await nextTurn.Soon()).FencingToken);
        Assert.Equal(RenewOutcome.NotHolder, (await grain.RenewAsync(Renewal(withdrawn, granted)).Soon()).Outcome);
    }

    [Fact]
    public async Task Cancel_OfAGrantedUpgrade_BringsTheReaderBack()
    {
        var (grain, reader) = (FreshGrain(), Ask() with { Mode = LockMode.UpgradeableRead });
        var granted = await grain.AcquireAsync(reader).Soon();
        var upgrade = Ask() with { Upgrades = reader.RequestId };
        Assert.Equal(2, (await grain.AcquireAsync(upgrade).Soon()).FencingToken);

        // Its holder may not have heard of the upgrade yet, and renews what it has.
        var renewal = Renewal(reader, granted) with { Mode = LockMode.UpgradeableRead };
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(renewal).Soon()).Outcome);
        await grain.CancelAsync(upgrade.RequestId).Soon();
        var holder = Assert.Single((await grain.GetStatusAsync().Soon()).Holders);
        Assert.Equal((LockMode.UpgradeableRead, 1L), (holder.Mode, holder.FencingToken));
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(renewal).Soon()).Outcome);
        Assert.Equal(Busy, await grain.AcquireAsync(upgrade).Soon());
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(reader.RequestId, 1).Soon());
    }

    [Theory]
    [InlineData(LockMode.Read)]
    [InlineData(LockMode.Write)]
    public async Task Upgrade_OfWhatIsNoUpgradeableRead_IsBusy(LockMode mode)
    {
        var (grain, holder) = (FreshGrain(), Ask() with { Mode = mode });
        await grain.AcquireAsync(holder).Soon();
        Assert.Equal(Busy, await grain.AcquireAsync(Ask() with { Upgrades = holder.RequestId }).Soon());
        Assert.Equal(Busy, await grain.AcquireAsync(Ask() with { Upgrades = Guid.NewGuid() }).Soon());
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));
    }

    [Fact]
    public async Task Token_AfterReleaseAndDeactivation_GrowsOn()
    {
        var (grain, first) = (FreshGrain(), Ask());
        await grain.AcquireAsync(first).Soon();
        await grain.ReleaseAsync(first.RequestId, 1).Soon();
        await Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal(2, (await grain.AcquireAsync(Ask(wait: false)).Soon()).FencingToken);
    }

    [Fact]
    public async Task Holder_AfterDeactivation_StillHoldsAndRenews()
    {
        var (grain, holder) = (FreshGrain(), Ask());
        var granted = await grain.AcquireAsync(holder).Soon();
        await Cluster.DeactivateAsync(grain).Soon();
        Assert.Equal(Busy, await grain.AcquireAsync(Ask(wait: false)).Soon());
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(Renewal(holder, granted)).Soon()).Outcome);
        Assert.Equal(granted, await grain.AcquireAsync(holder).Soon());
    }

    [Fact]
    public async Task Grain_AddressedWithAForeignKey_DoesNotActivate()
    {
        var foreign = Cluster.Client.GetGrain<ILockGrain>(GrainId.Create("orleanspatterns.lock", "saga/2a"));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => foreign.GetStatusAsync().Soon());
        Assert.Contains("does not start with 'lock/'", exception.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<LockRelease> Releases(int count) => Enumerable.Range(1, count).Select(token => new LockRelease(Guid.NewGuid(), token));

    private static LockRenewal Renewal() => new()
    {
        RequestId = Guid.NewGuid(), FencingToken = 1, Proof = 1, Lease = TimeSpan.FromSeconds(15), Owner = "test",
    };

    private static LockRenewal Renewal(LockRequest request, LockReply granted) => new()
    {
        RequestId = request.RequestId,
        FencingToken = granted.FencingToken,
        Proof = granted.Proof,
        Lease = request.Lease,
        Owner = request.Owner,
        Mode = request.Mode,
        Permits = request.Permits,
    };

    private static Task AssertRefusedAsync(ILockGrain grain, Func<ILockGrain, Task> call, string expected) =>
        AssertRefusedAsync(grain, () => call(grain), expected);

    /// <summary>Neither free nor held does the lock change by a call that is refused.</summary>
    private static async Task AssertRefusedAsync(ILockGrain grain, Func<Task> call, string expected)
    {
        await RefuseAsync();
        Assert.Equal((false, 0L, 0), await SummaryAsync(grain));
        await grain.AcquireAsync(Ask()).Soon();
        await RefuseAsync();
        Assert.Equal((true, 1L, 0), await SummaryAsync(grain));

        async Task RefuseAsync()
        {
            var exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => call().Soon());
            Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<(bool IsHeld, long Token, int Waiters)> SummaryAsync(ILockGrain grain)
    {
        var status = await grain.GetStatusAsync().Soon();
        return (status.IsHeld, status.FencingToken, status.WaiterCount);
    }
}
