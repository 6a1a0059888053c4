using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockRulesTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Outlasted = TimeSpan.FromMilliseconds(10_100);
    private static readonly Guid A = Guid.NewGuid();
    private static readonly Guid B = Guid.NewGuid();
    private static readonly Guid C = Guid.NewGuid();

    private static LockState Free => LockRules.Restore(new LockRecord(), TimeSpan.Zero);

    private static LockState HeldByA => LockRules.Acquire(Free, Ask(A), TimeSpan.Zero).Next;

    [Fact]
    public void Acquire_FreeLock_GrantsTokenOneForTheFullLease()
    {
        var (next, reply) = LockRules.Acquire(Free, Ask(A), At(1));
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 1 }, reply);
        Assert.Equal(new LockHolder { RequestId = A, Token = 1, Owner = "test", Lease = Lease }, next.Record.Holder);
        Assert.Equal(At(11.1), next.Queue.HolderEndsAt);
    }

    [Fact]
    public void Acquire_RepeatedByTheHolder_RenewsTheSameGrant()
    {
        var (next, reply) = LockRules.Acquire(HeldByA, Ask(A), At(4));
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 1 }, reply);
        Assert.NotEqual(HeldByA.Record, next.Record);
        Assert.Equal(At(14.1), next.Queue.HolderEndsAt);
    }

    [Fact]
    public void Acquire_HeldLockWithoutWaiting_IsBusyAndChangesNothing()
    {
        var held = HeldByA;
        var (next, reply) = LockRules.Acquire(held, Ask(B, wait: false), At(1));
        Assert.Equal(LockOutcome.Busy, reply.Outcome);
        Assert.Same(held.Record, next.Record);
        Assert.Same(held.Queue, next.Queue);
    }

    [Fact]
    public void Acquire_HeldLock_QueuesWithoutChangingTheRecord()
    {
        var held = HeldByA;
        var (next, reply) = LockRules.Acquire(held, Ask(B), At(1));
        Assert.Equal(new LockReply { Outcome = LockOutcome.Queued }, reply);
        Assert.Same(held.Record, next.Record);
        Assert.Equal([B], Waiting(next));
    }

    [Fact]
    public void Acquire_OneWhoWaitedElsewhere_KeepsItsPlace()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(5)).Next;
        state = LockRules.Acquire(state, Ask(C) with { WaitedFor = TimeSpan.FromSeconds(4) }, At(6)).Next;
        Assert.Equal([C, B], Waiting(state));
    }

    [Fact]
    public void Acquire_DelayedAttemptOfAWaiter_DoesNotCostItsPlace()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        state = LockRules.Acquire(state, Ask(C), At(2)).Next;
        state = LockRules.Acquire(state, Ask(B), At(3)).Next;
        Assert.Equal([B, C], Waiting(state));
    }

    [Theory]
    [InlineData(10.099, LockOutcome.Queued)]
    [InlineData(10.1, LockOutcome.Granted)]
    public void Acquire_AroundTheHoldersEnd_WaitsOutTheLeaseAndOnePercent(double now, LockOutcome expected) =>
        Assert.Equal(expected, LockRules.Acquire(HeldByA, Ask(B), At(now)).Reply.Outcome);

    [Fact]
    public void Acquire_AfterExpiryWithAWaiter_DoesNotOvertakeIt()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(8)).Next;
        var (next, reply) = LockRules.Acquire(state, Ask(C), Outlasted);
        Assert.Equal(LockOutcome.Queued, reply.Outcome);
        Assert.Equal(B, next.Record.Holder?.RequestId);
        Assert.Equal(2, next.Record.LastToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Acquire_AfterItsOwnReleaseOrCancel_IsNeverGranted(bool held)
    {
        var state = held ? LockRules.Release(HeldByA, A, 1, At(1)).Next : LockRules.Cancel(Free, A, At(1));
        Assert.Equal(LockOutcome.Busy, LockRules.Acquire(state, Ask(A), At(2)).Reply.Outcome);
        Assert.Equal(LockOutcome.Granted, LockRules.Acquire(state, Ask(B), At(2)).Reply.Outcome);
    }

    [Fact]
    public void Restore_WithAHolder_CountsItsFullLeaseAnew()
    {
        var state = LockRules.Restore(HeldByA.Record, At(100));
        Assert.Equal(LockOutcome.Busy, LockRules.Acquire(state, Ask(B, wait: false), At(110.09)).Reply.Outcome);
        Assert.Equal(2, LockRules.Acquire(state, Ask(B, wait: false), At(110.1)).Reply.FencingToken);
    }

    [Fact]
    public void Renew_ByTheHolder_ChangesTheRecordAndExtends()
    {
        var (next, outcome) = LockRules.Renew(HeldByA, A, 1, Lease, At(9));
        Assert.Equal(RenewOutcome.Renewed, outcome);
        Assert.NotEqual(HeldByA.Record, next.Record);
        Assert.Equal(At(19.1), next.Queue.HolderEndsAt);
    }

    [Fact]
    public void Renew_WithAShorterLease_DoesNotShortenThePromise()
    {
        var next = LockRules.Renew(HeldByA, A, 1, TimeSpan.FromSeconds(1), At(1)).Next;
        Assert.Equal(Lease, next.Record.Holder?.Lease);
        Assert.Equal(At(11.1), next.Queue.HolderEndsAt);
    }

    public static TheoryData<string, double> Strangers => new() { { "other id", 1 }, { "lower token", 1 }, { "higher token", 1 }, { "expired", 10.1 } };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void RenewAndRelease_ByAnyoneButTheUnexpiredHolder_AreRefused(string who, double now)
    {
        var id = who == "other id" ? B : A;
        var token = who switch { "lower token" => 0, "higher token" => 2, _ => 1 };
        var renewed = LockRules.Renew(HeldByA, id, token, Lease, At(now));
        var released = LockRules.Release(HeldByA, id, token, At(now));
        Assert.Equal((RenewOutcome.NotHolder, ReleaseOutcome.NotHolder), (renewed.Reply, released.Reply));
        if (who != "expired")
        {
            Assert.Equal(HeldByA.Record.Holder, renewed.Next.Record.Holder);
            Assert.Equal(HeldByA.Record.Holder, released.Next.Record.Holder);
        }
    }

    [Fact]
    public void Release_WithWaiters_GrantsTheFirstProvisionally()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        state = LockRules.Acquire(state, Ask(C), At(2)).Next;
        var (next, outcome) = LockRules.Release(state, A, 1, At(3));
        Assert.Equal(ReleaseOutcome.Released, outcome);
        Assert.Equal(new LockHolder { RequestId = B, Token = 2, Owner = "test", Lease = TimeSpan.FromSeconds(2) }, next.Record.Holder);
        Assert.Equal([C], Waiting(next));
        Assert.Equal(At(5.02), next.Queue.HolderEndsAt);
    }

    [Fact]
    public void Renew_OfAProvisionalGrant_ConfirmsTheFullLease()
    {
        var state = LockRules.Release(LockRules.Acquire(HeldByA, Ask(B), At(1)).Next, A, 1, At(3)).Next;
        var (next, outcome) = LockRules.Renew(state, B, 2, Lease, At(4));
        Assert.Equal(RenewOutcome.Renewed, outcome);
        Assert.Equal(Lease, next.Record.Holder?.Lease);
    }

    [Fact]
    public void Settle_UnconfirmedGrant_GoesToTheNextAfterTwoSeconds()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        state = LockRules.Acquire(state, Ask(C), At(2)).Next;
        state = LockRules.Release(state, A, 1, At(3)).Next;
        Assert.Equal(B, LockRules.Settle(state, At(5.01)).Record.Holder?.RequestId);
        var next = LockRules.Settle(state, At(5.02));
        Assert.Equal((C, 3L), (next.Record.Holder?.RequestId, next.Record.LastToken));
    }

    [Fact]
    public void Settle_WhenNothingIsDue_IsTheSameState()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        var settled = LockRules.Settle(state, At(2));
        Assert.Same(state.Record, settled.Record);
        Assert.Same(state.Queue, settled.Queue);
    }

    [Fact]
    public void Settle_SilentWaiter_HasLapsed()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        state = LockRules.Acquire(state, Ask(C), At(2)).Next;
        state = state with { Queue = LockRules.Hear(state.Queue, C, TimeSpan.FromSeconds(5), At(2)) };
        var next = LockRules.Release(state, A, 1, At(8)).Next;
        Assert.Equal(C, next.Record.Holder?.RequestId);
        Assert.Empty(Waiting(next));
    }

    [Fact]
    public void Cancel_OfAWaiter_LeavesNoTraceInTheQueue()
    {
        var state = LockRules.Cancel(LockRules.Acquire(HeldByA, Ask(B), At(1)).Next, B, At(2));
        Assert.Empty(Waiting(state));
        Assert.Equal(A, state.Record.Holder?.RequestId);
    }

    [Fact]
    public void Cancel_OfARequestGrantedMeanwhile_ReleasesIt()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        state = LockRules.Acquire(state, Ask(C), At(1)).Next;
        state = LockRules.Release(state, A, 1, At(2)).Next;
        state = LockRules.Cancel(state, B, At(2));
        Assert.Equal((C, 3L), (state.Record.Holder?.RequestId, state.Record.LastToken));
    }

    [Fact]
    public void Look_TellsWhereARequestStands()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        Assert.Equal(new LockReply { Outcome = LockOutcome.Granted, FencingToken = 1 }, LockRules.Look(state, A, At(2)));
        Assert.Equal(LockOutcome.Unknown, LockRules.Look(state, A, Outlasted).Outcome);
        Assert.Equal(LockOutcome.Queued, LockRules.Look(state, B, At(2)).Outcome);
        Assert.Equal(LockOutcome.Unknown, LockRules.Look(state, C, At(2)).Outcome);
    }

    [Fact]
    public void Describe_CountsOnlyTheLiving()
    {
        var state = LockRules.Acquire(HeldByA, Ask(B), At(1)).Next;
        Assert.Equal(
            new LockStatus { IsHeld = true, Owner = "test", FencingToken = 1, ExpiresIn = TimeSpan.FromMilliseconds(8_100), Waiters = 1 },
            LockRules.Describe(state, At(2)));
        Assert.Equal(new LockStatus { IsHeld = false, FencingToken = 1, Waiters = 0 }, LockRules.Describe(state, At(20)));
    }

    private static LockRequest Ask(Guid id, bool wait = true) => new() { RequestId = id, Owner = "test", Lease = Lease, Wait = wait };

    private static TimeSpan At(double seconds) => TimeSpan.FromMilliseconds((long)Math.Round(seconds * 1000));

    private static IEnumerable<Guid> Waiting(LockState state) => state.Queue.Waiters.Select(waiter => waiter.RequestId);
}
