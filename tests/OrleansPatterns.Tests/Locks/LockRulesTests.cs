using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockRulesTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly LockTerms Terms = new(IsWriteThrough: false, Slack: TimeSpan.FromSeconds(5), TokenBlock: 4096);
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Secret = Guid.NewGuid();
    private static readonly Guid A = Guid.NewGuid();
    private static readonly Guid B = Guid.NewGuid();
    private static readonly Guid C = Guid.NewGuid();

    private static LockState Unclaimed => LockClaims.Restore(new LockRecord(), At(0), Secret, firstToken: 1);

    private static LockState Free => Written(LockQueue.Enqueue(Unclaimed, Ask(Guid.NewGuid()), null, S(0)), 0) with { Waiters = [] };

    private static LockState HeldByA => Acquire(Free, Ask(A), 0).Next;

    [Fact]
    public void Acquire_ByAFreshActivation_NeedsAWriteFirst()
    {
        var decision = Acquire(Unclaimed, Ask(A), 1);
        Assert.True(decision.NeedsWrite);
        Assert.Empty(decision.Next.Holders);
    }

    [Fact]
    public void Claim_ForALease_CoversItAndTheSlackAndReservesABlock()
    {
        var record = LockClaims.Next(Acquire(Unclaimed, Ask(A), 1).Next, At(1), Terms, Guid.NewGuid());
        Assert.Equal((S(15.1), 4096L, 1L), (record.Horizon, record.LastToken, record.TokenFloor));
        Assert.Equal(Secret, record.Secret);
        Assert.Null(record.HorizonAt);
    }

    [Fact]
    public void Claim_WithTheClustersClock_IsDatedByItsLatestInstant()
    {
        var moment = new LockMoment(S(1), new ClusterTime(Epoch, Epoch + S(1)));
        var record = LockClaims.Next(Acquire(Unclaimed, Ask(A), 1).Next, moment, Terms, Guid.NewGuid());
        Assert.Equal(Epoch + S(1) + S(15.251), record.HorizonAt);
    }

    [Fact]
    public void Acquire_Free_IsGrantedForTheLeaseFromMemory()
    {
        var (next, reply, needsWrite) = Acquire(Free, Ask(A), 1);
        Assert.False(needsWrite);
        Assert.Equal((LockOutcome.Granted, 1L, Lease), (reply!.Outcome, reply.FencingToken, reply.Lease));
        Assert.Equal(S(11.1), Assert.Single(next.Holders).EndsAt);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(5.001, true)]
    public void Acquire_AtTheEdgeOfTheClaim_NeedsAWrite(double now, bool expected) => Assert.Equal(expected, Acquire(Free, Ask(A), now).NeedsWrite);

    [Theory]
    [InlineData(2.5, false)]
    [InlineData(2.501, true)]
    public void Claim_OfABusyLock_IsMovedUpAfterHalfTheSlack(double now, bool expected) =>
        Assert.Equal(expected, LockClaims.IsDueAhead(Acquire(Free, Ask(A), now).Next, S(now), Terms));

    [Fact]
    public void Claim_IsMovedUpWhenTokensRunLow()
    {
        var state = Acquire(Free with { NextToken = 3072 }, Ask(A), 1).Next;
        Assert.True(LockClaims.IsDueAhead(state, S(1), Terms));
        Assert.False(LockClaims.IsDueAhead(Acquire(Free with { NextToken = 3071 }, Ask(A), 1).Next, S(1), Terms));
    }

    [Fact]
    public void Acquire_WithoutATokenLeft_NeedsAWrite()
    {
        Assert.Equal(4096, Acquire(Free with { NextToken = 4096 }, Ask(A), 1).Reply!.FencingToken);
        Assert.True(Acquire(Free with { NextToken = 4097 }, Ask(A), 1).NeedsWrite);
    }

    [Fact]
    public void Acquire_RepeatedByTheHolder_RenewsTheSameGrant()
    {
        var (next, reply, _) = Acquire(HeldByA, Ask(A), 4);
        Assert.Equal((LockOutcome.Granted, 1L), (reply!.Outcome, reply.FencingToken));
        Assert.Equal(S(14.1), Assert.Single(next.Holders).EndsAt);
    }

    [Fact]
    public void Acquire_HeldLockWithoutWaiting_IsBusyAndLeavesNothing()
    {
        var (next, reply, needsWrite) = Acquire(HeldByA, Ask(B, wait: false), 1);
        Assert.Equal((LockOutcome.Busy, false), (reply!.Outcome, needsWrite));
        Assert.Empty(next.Waiters);
    }

    [Fact]
    public void Acquire_OneWhoWaitedElsewhere_KeepsItsPlace()
    {
        var state = Acquire(HeldByA, Ask(B), 5).Next;
        state = Acquire(state, Ask(C) with { WaitedFor = S(4) }, 6).Next;
        Assert.Equal([C, B], Waiting(state));
        state = Acquire(state, Ask(C), 7).Next;
        Assert.Equal([C, B], Waiting(state));
    }

    [Theory]
    [InlineData(10.099, false)]
    [InlineData(10.1, true)]
    public void Acquire_AroundTheHoldersEnd_NeedsAWriteBeforeTakingOver(double now, bool expected)
    {
        var (next, reply, needsWrite) = Acquire(HeldByA, Ask(B), now);
        Assert.Equal((LockOutcome.Queued, expected), (reply!.Outcome, needsWrite));
        Assert.Equal(A, Assert.Single(next.Holders).Id.RequestId);
    }

    [Fact]
    public void Takeover_TakesAWriteSentAfterTheHoldersEnd()
    {
        var waiting = Acquire(HeldByA, Ask(B), 4).Next;
        Assert.Equal(A, Assert.Single(Written(waiting, 10.099).Holders).Id.RequestId);
        var (next, _) = LockQueue.Settle(Written(waiting, 10.1), S(10.2), Terms);
        var holder = Assert.Single(next.Holders);
        Assert.Equal((B, 2L, S(12.22)), (holder.Id.RequestId, holder.Id.Token, holder.EndsAt));
    }

    [Fact]
    public void Release_WithWaiters_GrantsTheFirstProvisionallyWithoutAWrite()
    {
        var state = Acquire(Acquire(HeldByA, Ask(B), 1).Next, Ask(C), 2).Next;
        var (next, outcome, needsWrite) = Release(state, A, 1, 3);
        Assert.Equal((ReleaseOutcome.Released, false), (outcome, needsWrite));
        var holder = Assert.Single(next.Holders);
        Assert.Equal((B, 2L, S(5.02), S(2)), (holder.Id.RequestId, holder.Id.Token, holder.EndsAt, holder.Lease));
        Assert.Equal([C], Waiting(next));
    }

    [Fact]
    public void Acquire_WithItsOwnReleaseStillUnderWay_EndsItFirst()
    {
        var (next, reply, _) = Acquire(HeldByA, Ask(B, wait: false) with { Releases = [new LockRelease(A, 1)] }, 1);
        Assert.Equal((LockOutcome.Granted, 2L), (reply!.Outcome, reply.FencingToken));
        Assert.False(Release(next, A, 1, 2).NeedsWrite);
        Assert.Equal(B, Assert.Single(Release(next, A, 1, 2).Next.Holders).Id.RequestId);
    }

    [Theory]
    [InlineData("other id")]
    [InlineData("lower token")]
    [InlineData("higher token")]
    [InlineData("expired")]
    public void Renew_ByAnyoneButTheUnexpiredHolder_IsRefusedOnlyAfterAWrite(string who)
    {
        var now = who == "expired" ? 10.1 : 4;
        var id = who == "other id" ? B : A;
        var token = who switch { "lower token" => 0, "higher token" => 2, _ => 1 };
        var asked = Renew(HeldByA, id, token, now);
        Assert.True(asked.NeedsWrite);
        var refused = LockRules.Renew(Written(asked.Next, now), Renewal(id, token), null, S(now), S(now + 0.01), Terms);
        Assert.Equal((RenewOutcome.NotHolder, false), (refused.Reply, refused.NeedsWrite));
        if (who != "expired")
        {
            Assert.Equal(A, Assert.Single(refused.Next.Holders).Id.RequestId);
        }
    }

    [Fact]
    public void Renew_WithAShorterLease_DoesNotShortenThePromise()
    {
        var next = LockRules.Renew(HeldByA, Renewal(A, 1) with { Lease = S(1) }, null, S(1), S(1), Terms).Next;
        Assert.Equal(S(10.1), Assert.Single(next.Holders).EndsAt);
    }

    [Fact]
    public void Renew_OfAProvisionalGrant_ConfirmsTheFullLease()
    {
        var state = Release(Acquire(HeldByA, Ask(B), 1).Next, A, 1, 2).Next;
        Assert.Equal(S(13.1), Assert.Single(Renew(state, B, 2, 3).Next.Holders).EndsAt);
    }

    [Fact]
    public void Settle_SilentWaiter_HasLapsed()
    {
        var state = Acquire(Acquire(HeldByA, Ask(B) with { WaitFor = S(1) }, 0).Next, Ask(C), 2).Next;
        Assert.Equal(B, Assert.Single(Release(state, A, 1, 4.9).Next.Holders).Id.RequestId);
        var written = Written(state, 4);
        Assert.Equal(C, Assert.Single(Release(written, A, 1, 7).Next.Holders).Id.RequestId);
    }

    [Theory]
    [InlineData(LockMode.Read, LockMode.Read, true)]
    [InlineData(LockMode.Read, LockMode.UpgradeableRead, true)]
    [InlineData(LockMode.UpgradeableRead, LockMode.UpgradeableRead, false)]
    [InlineData(LockMode.Read, LockMode.Write, false)]
    [InlineData(LockMode.UpgradeableRead, LockMode.Write, false)]
    [InlineData(LockMode.Write, LockMode.Write, false)]
    public void MayHoldTogether_IsSymmetric(LockMode one, LockMode other, bool expected)
    {
        Assert.Equal(expected, LockQueue.MayHoldTogether(one, other));
        Assert.Equal(expected, LockQueue.MayHoldTogether(other, one));
    }

    [Fact]
    public void Reader_BehindAWaitingWriter_Waits()
    {
        var state = Acquire(Free, Ask(A) with { Mode = LockMode.Read }, 1).Next;
        state = Acquire(state, Ask(B), 1).Next;
        Assert.Equal(LockOutcome.Queued, Acquire(state, Ask(C) with { Mode = LockMode.Read }, 1).Reply!.Outcome);
    }

    [Fact]
    public void Upgrade_ReplacesTheReaderByAWriterWithAHigherToken_AndItsWithdrawalBringsTheReaderBack()
    {
        var reader = Acquire(Free, Ask(A) with { Mode = LockMode.UpgradeableRead }, 1).Next;
        var upgraded = Acquire(reader, Ask(B) with { Upgrades = A }, 2).Next;
        var writer = Assert.Single(upgraded.Holders);
        Assert.Equal((new LockGrantId(B, 2), LockMode.Write, new LockGrantId(A, 1)), (writer.Id, writer.Mode, writer.UpgradedFrom!.Value));
        Assert.Equal(RenewOutcome.Renewed, Renew(upgraded, A, 1, 3).Reply);

        var back = Assert.Single(LockRules.Cancel(upgraded, B, S(4), Terms).Holders);
        Assert.Equal((new LockGrantId(A, 1), LockMode.UpgradeableRead), (back.Id, back.Mode));
    }

    [Fact]
    public void Kind_OfANameInUse_IsRefused_AndOfAFreeOneTaken()
    {
        var semaphore = Ask(B) with { Mode = LockMode.Permit, Permits = 2 };
        Assert.Null(Acquire(HeldByA, semaphore, 1).Reply);
        var free = Release(HeldByA, A, 1, 2).Next;
        var changing = Acquire(free, semaphore, 3);
        Assert.True(changing.NeedsWrite);
        var (changed, _) = LockQueue.Settle(Written(changing.Next, 3), S(3), Terms);
        Assert.Equal((2, 2), (changed.Permits, changed.Record.Permits));
        Assert.Equal(B, Assert.Single(changed.Holders).Id.RequestId);
    }

    [Fact]
    public void Restore_AfterACrash_WaitsForTheWholeHorizonAndOnePercent()
    {
        var record = HeldByA.Record;
        var state = LockClaims.Restore(record, At(100), Guid.NewGuid(), firstToken: 1);
        Assert.Equal(S(100) + S(15.251), state.GrantsFrom);
        Assert.Equal((4097L, 4096L), (state.NextToken, state.Inherited));
        Assert.Empty(state.Holders);
        state = Written(Acquire(state, Ask(B), 101).Next, 101);
        Assert.Equal(LockOutcome.Queued, Acquire(state, Ask(B), 115.2).Reply!.Outcome);
    }

    [Theory]
    [InlineData(1, 4097)]
    [InlineData(4097, 4097)]
    [InlineData(9_000, 9_000)]
    public void Restore_GrantsNothingBelowTheFirstToken_AndAdoptsWhoHasLess(long firstToken, long expected)
    {
        var fresh = Written(LockClaims.Restore(HeldByA.Record, At(100), Guid.NewGuid(), firstToken), 100);
        Assert.Equal((expected, expected - 1 + Terms.TokenBlock), (fresh.NextToken, fresh.Record.LastToken));

        var renewal = Renewal(A, 1) with { Proof = LockProof.Of(Secret, new LockGrantId(A, 1)) };
        Assert.Equal(1, Assert.Single(LockRules.Renew(fresh, renewal, null, S(101), S(101), Terms).Next.Holders).Id.Token);
        var (next, _) = LockQueue.Settle(Written(Acquire(fresh, Ask(B), 116).Next, 116), S(116), Terms);
        Assert.Equal(expected, Assert.Single(next.Holders).Id.Token);
    }

    /// <summary>Whoever asks whether there is such a lock asks for this.</summary>
    [Fact]
    public void FirstToken_OfALockThatWasNeverGranted_IsNotTakenForAGrant()
    {
        var fresh = LockClaims.Restore(new LockRecord(), At(0), Secret, firstToken: 9_000);
        Assert.Equal(0, LockRules.Describe(fresh, S(1)).FencingToken);
        Assert.Equal(0, LockRules.Describe(Written(fresh, 1), S(1)).FencingToken);

        var (held, _) = LockQueue.Settle(Written(Acquire(fresh, Ask(A), 2).Next, 2), S(2), Terms);
        Assert.Equal(9_000, LockRules.Describe(held, S(2)).FencingToken);
    }

    [Theory]
    [InlineData(0, 15.251)]
    [InlineData(10, 7.322)]
    [InlineData(17.3, 0)]
    public void Restore_WithTheClustersClock_WaitsOnlyForWhatIsLeft(double passed, double expected)
    {
        var record = HeldByA.Record with { HorizonAt = Epoch + S(15.251) };
        var now = Epoch + S(passed);
        var state = LockClaims.Restore(record, new LockMoment(S(100), new ClusterTime(now, now + S(9))), Guid.NewGuid(), firstToken: 1);
        Assert.Equal(expected, Math.Round((state.GrantsFrom - S(100)).TotalSeconds, 2), 0.011);
    }

    [Fact]
    public void Adoption_OfAProvenHolder_IsGrantedWhileEarlierGrantsMayLast()
    {
        var proof = Acquire(Free, Ask(A), 1).Reply!.Proof;
        var fresh = Written(LockClaims.Restore(HeldByA.Record, At(100), Guid.NewGuid(), firstToken: 1), 100);
        var renewal = Renewal(A, 1) with { Proof = proof };
        var adopted = LockRules.Renew(fresh, renewal, null, S(101), S(101), Terms);
        Assert.Equal((RenewOutcome.Renewed, false), (adopted.Reply, adopted.NeedsWrite));
        Assert.Equal(1, Assert.Single(adopted.Next.Holders).Id.Token);
        Assert.True(LockRules.Renew(fresh, renewal, null, S(106), S(106), Terms).NeedsWrite);
    }

    [Theory]
    [InlineData("forged proof")]
    [InlineData("confirmation")]
    [InlineData("token never reserved")]
    [InlineData("below the floor")]
    [InlineData("released")]
    [InlineData("too late")]
    [InlineData("another kind")]
    public void Adoption_OfAnythingElse_IsRefused(string what)
    {
        var token = what == "token never reserved" ? 4097 : 1;
        var record = what == "below the floor" ? HeldByA.Record with { TokenFloor = 2 } : HeldByA.Record;
        var now = what == "too late" ? S(116) : S(101);
        var fresh = Written(LockClaims.Restore(record, At(100), Guid.NewGuid(), firstToken: 1), 100);
        fresh = what == "released" ? Release(fresh, A, 1, 100.5).Next : fresh;
        var renewal = Renewal(A, token) with
        {
            Proof = LockProof.Of(Secret, new LockGrantId(A, token)) + (what == "forged proof" ? 1 : 0),
            IsConfirmation = what == "confirmation",
            Mode = what == "another kind" ? LockMode.Permit : LockMode.Write,
            Permits = what == "another kind" ? 1 : 0,
        };
        Assert.Null(LockAdoption.TryAdopt(fresh, renewal, null, now));
        Assert.Equal(RenewOutcome.NotHolder, LockRules.Renew(fresh, renewal, null, S(99), now, Terms).Reply);
    }

    [Fact]
    public void Adoption_OfMoreThanThereArePlaces_TheHighestTokensWin_AndTheLosersPromiseIsWaitedOut()
    {
        var semaphore = Written(Acquire(Unclaimed, Ask(A) with { Mode = LockMode.Permit, Permits = 1 }, 0).Next, 0);
        var fresh = Written(LockClaims.Restore(semaphore.Record, At(100), Guid.NewGuid(), firstToken: 1) with { LongestLease = Lease }, 100);
        fresh = LockAdoption.TryAdopt(fresh, Claim(B, 2), null, S(108))!;
        Assert.Equal(S(115.251), fresh.GrantsFrom);
        Assert.Null(LockAdoption.TryAdopt(fresh, Claim(A, 1), null, S(109)));
        fresh = LockAdoption.TryAdopt(fresh, Claim(C, 3), null, S(109))!;
        Assert.Equal(C, Assert.Single(fresh.Holders).Id.RequestId);
        Assert.Equal(S(118.1), fresh.GrantsFrom);

        static LockRenewal Claim(Guid id, long token) => Renewal(id, token) with
        {
            Mode = LockMode.Permit, Permits = 1, Proof = LockProof.Of(Secret, new LockGrantId(id, token)),
        };
    }

    [Fact]
    public void Break_OfAHold_TakesEffectWithTheFloorAboveIt()
    {
        var waiting = Acquire(HeldByA, Ask(B), 1).Next;
        var (breaking, broken, _) = LockRules.Break(waiting, 0, S(2));
        Assert.Equal(A, Assert.Single(broken).Id.RequestId);
        Assert.False(LockRules.IsBroken(breaking, S(2)));
        Assert.True(Renew(breaking, A, 1, 3).NeedsWrite);

        var written = Written(breaking, 3);
        Assert.True(LockRules.IsBroken(written, S(2)));
        Assert.Equal(2, written.Record.TokenFloor);
        Assert.Equal(2, Assert.Single(LockQueue.Settle(written, S(3), Terms).State.Holders).Id.Token);
        Assert.Null(LockAdoption.TryAdopt(
            LockClaims.Restore(written.Record, At(50), Guid.NewGuid(), firstToken: 1), Renewal(A, 1) with { Proof = LockProof.Of(Secret, new(A, 1)) }, null, S(51)));
    }

    [Fact]
    public void Break_OfAReaderThatIsAboutToBeUpgraded_TakesEffectAlthoughTheOtherReaderLeaves()
    {
        var readers = Acquire(Acquire(Free, Ask(A) with { Mode = LockMode.UpgradeableRead }, 0).Next, Ask(B) with { Mode = LockMode.Read }, 0).Next;
        var upgrading = Acquire(readers, Ask(C) with { Upgrades = A }, 1).Next;
        var breaking = LockRules.Break(upgrading, 1, S(2)).Next;
        var left = Release(breaking, B, 2, 2).Next;
        Assert.Equal(A, Assert.Single(left.Holders).Id.RequestId);
        var written = LockQueue.Settle(Written(left, 3), S(3), Terms).State;
        Assert.True(LockRules.IsBroken(written, S(2)));
        Assert.Empty(written.Holders);
        Assert.Empty(written.Waiters);
    }

    [Fact]
    public void NextTurn_WhenOneReaderHasExpiredAndAnotherLives_IsTheLivingOnes()
    {
        var readers = Acquire(Free, Ask(A) with { Mode = LockMode.Read, Lease = S(2) }, 0).Next;
        readers = Acquire(readers, Ask(B) with { Mode = LockMode.Read, Lease = S(4) }, 0).Next;
        var waiting = Acquire(readers, Ask(C), 1).Next;
        Assert.Equal(S(2.02), LockQueue.NextTurn(waiting, S(1)));
        Assert.Equal(S(4.04), LockQueue.NextTurn(waiting, S(3)));
    }

    [Fact]
    public void Exact_LeavesNothingToWaitForAndKeepsHolders()
    {
        var record = LockClaims.Exact(HeldByA, At(4), Guid.NewGuid());
        Assert.Equal((TimeSpan.Zero, 1L), (record.Horizon, record.LastToken));
        var next = LockClaims.Restore(record, At(100), Guid.NewGuid(), firstToken: 1);
        Assert.Equal((S(100), 2L), (next.GrantsFrom, next.NextToken));
        var holder = Assert.Single(next.Holders);
        Assert.Equal((A, S(100) + LockClaims.Outlast(S(6.1))), (holder.Id.RequestId, holder.EndsAt));
    }

    [Fact]
    public void Exact_WhileEarlierGrantsMayLast_IsAClaimForThatLong()
    {
        var fresh = Written(LockClaims.Restore(HeldByA.Record, At(100), Guid.NewGuid(), firstToken: 1), 100);
        var record = LockClaims.Exact(fresh, At(105), Guid.NewGuid());
        Assert.True(record.Horizon >= S(10.251), $"{record.Horizon}");
    }

    [Fact]
    public void Claim_NeverEndsBeforeTheOneBefore()
    {
        var longLease = Written(Acquire(Free, Ask(A) with { Lease = S(60) }, 1).Next, 1);
        Assert.Equal(S(1) + S(65.6), longLease.ClaimEndsAt);
        var next = LockClaims.Next(longLease with { Holders = [], Waiters = [] }, At(2), Terms, Guid.NewGuid());
        Assert.Equal(S(64.6), next.Horizon);
    }

    [Fact]
    public void WriteThrough_GrantsWithoutAClaimAndWritesWhatIsTrue()
    {
        var terms = new LockTerms(IsWriteThrough: true, Slack: TimeSpan.Zero, TokenBlock: 1);
        var (next, reply, needsWrite) = LockRules.Acquire(Unclaimed, Ask(A), null, S(1), S(1), terms);
        Assert.Equal((LockOutcome.Granted, false), (reply!.Outcome, needsWrite));
        var record = LockClaims.Next(next, At(1), terms, Guid.NewGuid());
        Assert.Equal((TimeSpan.Zero, 1L, A), (record.Horizon, record.LastToken, Assert.Single(record.Holders).RequestId));
    }

    [Fact]
    public void Look_TellsWhereARequestStands()
    {
        var state = Acquire(HeldByA, Ask(B), 1).Next;
        Assert.Equal(LockOutcome.Granted, LockRules.Look(state, A, S(2)).Outcome);
        Assert.Equal(LockOutcome.Queued, LockRules.Look(state, B, S(2)).Outcome);
        Assert.Equal(LockOutcome.Busy, LockRules.Look(LockRules.Cancel(state, B, S(2), Terms), B, S(2)).Outcome);
    }

    private static LockDecision<LockReply?> Acquire(LockState state, LockRequest request, double now) =>
        LockRules.Acquire(state, request, null, S(now), S(now), Terms);

    private static LockDecision<RenewOutcome> Renew(LockState state, Guid id, long token, double now) =>
        LockRules.Renew(state, Renewal(id, token), null, S(now), S(now), Terms);

    private static LockDecision<ReleaseOutcome> Release(LockState state, Guid id, long token, double now) =>
        LockRules.Release(state, new LockGrantId(id, token), S(now), S(now), Terms);

    private static LockState Written(LockState state, double sentAt) =>
        LockClaims.Written(state, LockClaims.Next(state, At(sentAt), Terms, Guid.NewGuid()), S(sentAt));

    private static LockRequest Ask(Guid id, bool wait = true) => new()
    {
        RequestId = id, Owner = "test", Lease = Lease, WaitFor = wait ? S(10) : TimeSpan.Zero,
    };

    private static LockRenewal Renewal(Guid id, long token) => new() { RequestId = id, FencingToken = token, Proof = 0, Lease = Lease, Owner = "test" };

    private static LockMoment At(double seconds) => new(S(seconds), null);

    private static TimeSpan S(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));

    private static IEnumerable<Guid> Waiting(LockState state) => state.Waiters.Select(waiter => waiter.RequestId);
}
