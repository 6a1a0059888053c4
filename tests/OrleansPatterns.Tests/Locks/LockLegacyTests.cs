using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What an activation that was replaced tells its successor; <see cref="LockSimulation"/> does the rest.</summary>
public sealed class LockLegacyTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly Guid Claim = Guid.NewGuid();
    private static readonly LockTerms Terms = new(IsWriteThrough: false, Slack: TimeSpan.FromSeconds(5), TokenBlock: 64);

    [Fact]
    public void Legacy_OfOneHolder_NamesItAndTheClaim()
    {
        var legacy = LockClaims.Legacy(Replaced(Holder(6)), At(1));

        Assert.Equal((Claim, 6L), (legacy!.WriteId, Assert.Single(legacy.Holders).Token));
        Assert.Equal(Lease - TimeSpan.FromSeconds(1), legacy.Holders[0].EndsIn);
    }

    /// <summary>Its holder may not have heard of it, or have withdrawn it where this activation does not hear of that.</summary>
    [Fact]
    public void Legacy_OfAnUpgrade_IsNotGiven() =>
        Assert.Null(LockClaims.Legacy(Replaced(Holder(9) with { UpgradedFrom = new LockGrantId(Guid.NewGuid(), 6) }), At(1)));

    [Fact]
    public void Legacy_OfABreakThatIsNotWritten_IsNotGiven() =>
        Assert.Null(LockClaims.Legacy(Replaced(Holder(6)) with { Breaking = [6], BreakingFloor = 7 }, At(1)));

    [Fact]
    public void Legacy_OfASemaphoreOrOfOneThatNeverWrote_IsNotGiven()
    {
        Assert.Null(LockClaims.Legacy(Replaced(Holder(6)) with { Permits = 2 }, At(1)));
        Assert.Null(LockClaims.Legacy(Replaced(Holder(6)) with { ConfirmedAt = null }, At(1)));
    }

    /// <summary>Otherwise a client would wait for a hold of its own that it has given back.</summary>
    [Fact]
    public void Holder_WhoseReleaseCameWithAnotherRequestBefore_IsNotTakenOver()
    {
        var holder = Holder(6);
        var successor = LockClaims.Restore(Replaced().Record, At(0), Guid.NewGuid(), firstToken: 1);
        var request = Ask() with { Releases = [new LockRelease(holder.Id.RequestId, holder.Id.Token)] };
        successor = LockRules.Acquire(successor, request, null, TimeSpan.Zero, TimeSpan.Zero, Terms).Next;

        var next = LockAdoption.TakeOver(successor, LockClaims.Legacy(Replaced(holder), At(1))!, TimeSpan.Zero);

        Assert.Empty(next.Holders);
        Assert.Equal(TimeSpan.Zero, next.GrantsFrom);
    }

    [Fact]
    public void Holder_ThatStillWaitsHere_WaitsNoMore()
    {
        var request = Ask();
        var successor = LockRules.Acquire(
            LockClaims.Restore(Replaced().Record, At(0), Guid.NewGuid(), firstToken: 1), request, null, TimeSpan.Zero, TimeSpan.Zero, Terms).Next;
        successor = successor with { ConfirmedAt = TimeSpan.Zero };
        successor = LockRules.Acquire(successor, request, null, TimeSpan.Zero, TimeSpan.Zero, Terms).Next;
        Assert.Single(successor.Waiters);

        var next = LockAdoption.TakeOver(
            successor, LockClaims.Legacy(Replaced(Holder(6) with { Id = new LockGrantId(request.RequestId, 6) }), At(1))!, TimeSpan.Zero);

        Assert.Equal((1, 0), (next.Holders.Length, next.Waiters.Length));
    }

    private static LockMoment At(int seconds) => new(TimeSpan.FromSeconds(seconds), null);

    private static LockState Replaced(params LockHolding[] holders) => new()
    {
        Record = new LockRecord { LastToken = 64, Horizon = TimeSpan.FromSeconds(20), Secret = Guid.NewGuid(), WriteId = Claim },
        NextToken = 10,
        FirstToken = 1,
        ConfirmedAt = TimeSpan.Zero,
        ClaimEndsAt = TimeSpan.FromSeconds(20),
        Holders = [.. holders],
    };

    private static LockHolding Holder(long token) => new()
    {
        Id = new LockGrantId(Guid.NewGuid(), token),
        Owner = "test",
        Mode = LockMode.Write,
        EndsAt = Lease,
        Lease = Lease,
        Since = TimeSpan.Zero,
    };
}
