using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.ScriptedLockTransport;
using RenewalCall = OrleansPatterns.Tests.Locks.ScriptedCall<
    (string? Silo, System.Collections.Immutable.ImmutableArray<OrleansPatterns.Locks.RelayedRenewal> Renewals),
    System.Collections.Immutable.ImmutableArray<OrleansPatterns.Locks.LockRenewalReply>>;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockKeeperTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private readonly ObservedTime _time = new();
    private readonly ScriptedLockTransport _transport = new();
    private readonly LockKeeper _keeper;
    private long _lastToken;

    public LockKeeperTests() => _keeper = Keeper(new ClusterCallOptions());

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public void Renewal_SaysWhatTheSiloHasToKnow()
    {
        var hold = _keeper.TryKeep(new LockGrant("a", Guid.NewGuid(), LockMode.Permit, 3, 7, 99), Lease, _time.GetTimestamp())!;
        Advance(5_000);
        var (key, renewal) = Assert.Single(_transport.Renewals.Take().Sent.Renewals);
        Assert.Equal("a", key);
        Assert.Equal(
            new LockRenewal
            {
                RequestId = hold.Grant.RequestId,
                FencingToken = 7,
                Proof = 99,
                Lease = Lease,
                Owner = "test",
                Mode = LockMode.Permit,
                Permits = 3,
                HeldFor = TimeSpan.FromSeconds(5),
                Observer = _keeper,
            },
            renewal);
    }

    [Fact]
    public async Task Renewals_OfSeveralHolds_GoInOneCallASiloThatAnsweredLast()
    {
        Keep("a");
        Keep("b");
        Keep("c");
        Advance(5_000);
        var first = _transport.Renewals.Take();
        Assert.Equal(("silo", "abc"), Sent(first));
        Assert.False(_transport.Renewals.HasNext);
        await AnswerAsync(first, Renewed("one"), Renewed("two"), Renewed("one"));
        Advance(4_900);
        var calls = new[] { _transport.Renewals.Take(), _transport.Renewals.Take() };
        Assert.Equal([("one", "ac"), ("two", "b")], calls.Select(Sent));
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public async Task Renewals_AfterAFailedCall_ForgetTheSilo()
    {
        Keep("a");
        Keep("b");
        Advance(5_000);
        await AnswerAsync(_transport.Renewals.Take(), Renewed("one"), Renewed("two"));
        Advance(4_900);
        _transport.Renewals.Take().Fail(new InvalidOperationException("The silo is gone."));
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(1_000);
        // The first call that is left is the other silo's.
        Assert.Equal(("two", "b"), Sent(_transport.Renewals.Take()));
        Assert.Equal((null, "a"), Sent(_transport.Renewals.Take()));
    }

    [Fact]
    public async Task Renewals_ThatTheRelayCouldNotPassOn_ForgetTheSilo()
    {
        Keep("a");
        Keep("b");
        Advance(5_000);
        await AnswerAsync(_transport.Renewals.Take(), Renewed("one"), Renewed("one"));
        Advance(4_900);
        var call = _transport.Renewals.Take();
        Assert.Equal(("one", "ab"), Sent(call));
        call.Answer([Renewed("one"), Unheard()]);
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(1_000);
        Assert.Equal((null, "b"), Sent(_transport.Renewals.Take()));
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public void Renewals_OfHoldsWhoseSiloIsNotKnown_GoOneByOne()
    {
        Keep("a").Silo = null;
        Keep("b");
        Keep("c").Silo = null;
        Advance(5_000);
        var calls = new[] { _transport.Renewals.Take(), _transport.Renewals.Take(), _transport.Renewals.Take() };
        Assert.Equal([(null, "a"), (null, "c"), ("silo", "b")], calls.Select(Sent).OrderBy(call => call.Silo));
        Assert.False(_transport.Renewals.HasNext);
    }

    /// <summary>It has two seconds, and is lost a tenth before.</summary>
    [Fact]
    public async Task Renewal_OfAProvisionalHold_WithoutAnAnswer_IsTriedAgainInTime()
    {
        var hold = _keeper.TryKeep(Grant("a"), TimeSpan.FromSeconds(2), _time.GetTimestamp())!;
        Advance(667);
        Assert.Equal((null, "a"), Sent(_transport.Renewals.Take()));
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(666), TimeSpan.FromMilliseconds(667));
        Advance(667);
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(133), TimeSpan.FromMilliseconds(134));
        Advance(134);
        var second = _transport.Renewals.Take();
        Assert.False(hold.IsLost);
        await AnswerAsync(second, Renewed());
        Advance(4_000);
        Assert.False(hold.IsLost);
    }

    [Fact]
    public async Task Renewal_AfterAnUpgradeWasWithdrawnInVain_WithdrawsItUntilItIsAnswered()
    {
        var hold = Keep("a");
        var upgrade = new LockUpgrade(Guid.NewGuid());
        hold.WithdrawnUpgrade = upgrade;
        _transport.Withdrawals.Answer = _ => Task.FromException<bool>(new InvalidOperationException("The silo is gone."));
        Advance(5_000);
        Assert.Equal(("a", upgrade.RequestId), _transport.Withdrawals.Take().Sent);
        Assert.Same(upgrade, hold.WithdrawnUpgrade);
        _transport.Withdrawals.Answer = _ => Task.FromResult(true);
        await AnswerAsync(_transport.Renewals.Take(), Renewed());
        Advance(4_900);
        Assert.Equal(("a", upgrade.RequestId), _transport.Withdrawals.Take().Sent);
        Assert.Null(hold.WithdrawnUpgrade);
    }

    [Fact]
    public void Renewals_OfVeryManyHolds_GoAThousandACall()
    {
        for (var index = 0; index < 2_001; index++)
        {
            Keep($"{index}");
        }

        Advance(5_000);
        var calls = new[] { _transport.Renewals.Take(), _transport.Renewals.Take(), _transport.Renewals.Take() };
        Assert.Equal([1_000, 1_000, 1], calls.Select(call => call.Sent.Renewals.Length));
        Assert.Equal(2_001, calls.SelectMany(call => call.Sent.Renewals).Select(renewal => renewal.Key).Distinct().Count());
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public void Renewals_ThatAreDueWithinATwentiethOfTheLease_GoAlong()
    {
        Keep("a");
        Advance(750);
        Keep("b");
        Advance(1);
        Keep("c");
        Advance(4_248);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.Equal(("silo", "ab"), Sent(_transport.Renewals.Take()));
        Advance(750);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.Equal(("silo", "c"), Sent(_transport.Renewals.Take()));
    }

    [Fact]
    public void Renewal_OfAHoldThatIsDueSooner_IsNotHeldUpByTheOthers()
    {
        Keep("a");
        _keeper.TryKeep(Grant("b"), TimeSpan.FromSeconds(2), _time.GetTimestamp());
        Advance(667);
        Assert.Equal((null, "b"), Sent(_transport.Renewals.Take()));
        Advance(4_332);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.Equal(("silo", "a"), Sent(_transport.Renewals.Take()));
    }

    [Fact]
    public async Task Renewal_ThatFailed_IsTriedAgainAfterAFifteenthOfTheLease()
    {
        Keep("a");
        Advance(5_000);
        var call = _transport.Renewals.Take();
        Advance(2_000);
        call.Fail(new InvalidOperationException("The database is away."));
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(999);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.True(_transport.Renewals.HasNext);
    }

    [Theory]
    [InlineData(30_000, 5_000)]
    [InlineData(2_000, 2_000)]
    public async Task Renewal_WithoutAnAnswer_IsGivenUpAfterAnAttemptAndAtMostAThirdOfTheLease(int attemptTimeout, int expected)
    {
        using var keeper = Keeper(new ClusterCallOptions { AttemptTimeout = TimeSpan.FromMilliseconds(attemptTimeout) });
        var sentAt = _time.GetTimestamp();
        Advance(1_000);
        keeper.TryKeep(Grant("a"), Lease, sentAt);
        Advance(4_000);
        var call = _transport.Renewals.Take();
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(expected));
        Advance(expected);
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Assert.False(call.Reply.IsCompleted);
        Advance(999);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.Equal((null, "a"), Sent(_transport.Renewals.Take()));
    }

    [Fact]
    public void Renewal_WhileOneIsUnderWay_IsNotSentTwice()
    {
        Keep("a");
        Advance(500);
        Keep("b");
        Advance(4_500);
        Assert.Equal(("silo", "ab"), Sent(_transport.Renewals.Take()));
        Advance(1_000);
        Keep("c");
        Advance(3_999);
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public async Task Release_WhileItsRenewalIsUnderWay_EndsItWhateverTheAnswer()
    {
        var (renewed, refused) = (Keep("a"), Keep("b"));
        Keep("c");
        var (renewedLost, refusedLost) = (renewed.LostToken, refused.LostToken);
        Advance(5_000);
        var call = _transport.Renewals.Take();
        _keeper.Release(renewed);
        _keeper.Release(refused);
        await AnswerAsync(call, Renewed(), Refused(), Renewed());
        Assert.False(renewedLost.IsCancellationRequested || refusedLost.IsCancellationRequested);
        Assert.Equal(2, _time.ArmedTimers);
        Advance(4_900);
        Assert.Equal(("silo", "c"), Sent(_transport.Renewals.Take()));
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public void Release_OfTheLast_LeavesNoTimerArmedOnceTheRenewalWouldHaveBeenDue()
    {
        var (first, second) = (Keep("a"), Keep("b"));
        Assert.Equal(3, _time.ArmedTimers);
        _keeper.Release(first);
        _keeper.Release(second);
        Assert.Equal(1, _time.ArmedTimers);
        Advance(5_000);
        Assert.Equal(0, _time.ArmedTimers);
        Assert.False(_transport.Renewals.HasNext);
        Keep("c");
        Advance(5_000);
        Assert.Equal(("silo", "c"), Sent(_transport.Renewals.Take()));
    }

    [Fact]
    public void Release_IsSentOnceAndRepeatedOnce()
    {
        var hold = Keep("a");
        _keeper.Release(hold);
        _keeper.Release(hold);
        var release = new LockRelease(hold.Grant.RequestId, hold.Grant.FencingToken);
        Assert.Equal(("a", release), _transport.Releases.Take().Sent);
        Assert.False(_transport.Releases.HasNext);
        Assert.Equal([], _keeper.TakeReleases("b"));
        Assert.Equal([release], _keeper.TakeReleases("a"));
        Assert.Equal([], _keeper.TakeReleases("a"));
    }

    [Fact]
    public void Dispose_EndsRenewals()
    {
        var lost = Keep("a").LostToken;
        _keeper.Dispose();
        Advance(14_500);
        Assert.False(_transport.Renewals.HasNext);
        Assert.True(lost.IsCancellationRequested);
    }

    [Fact]
    public void Replace_RenewsAndReleasesTheNewGrant()
    {
        var hold = Keep("a");
        Advance(4_000);
        var upgrade = Grant("a");
        Assert.True(_keeper.TryReplace(hold, upgrade, Lease, _time.GetTimestamp()));
        Assert.Same(upgrade, hold.Grant);
        Advance(5_000);
        var renewal = Assert.Single(_transport.Renewals.Take().Sent.Renewals).Renewal;
        Assert.Equal((upgrade.RequestId, TimeSpan.FromSeconds(9)), (renewal.RequestId, renewal.HeldFor));
        _keeper.Release(hold);
        Assert.Equal(new LockRelease(upgrade.RequestId, upgrade.FencingToken), _transport.Releases.Take().Sent.Release);
    }

    [Fact]
    public async Task Replace_OfAHoldThatHasEnded_IsRefused()
    {
        var (released, broken) = (Keep("a"), Keep("b"));
        _keeper.Release(released);
        await _keeper.BrokenAsync(broken.Grant.RequestId);
        Assert.False(_keeper.TryReplace(released, Grant("a"), Lease, _time.GetTimestamp()));
        Assert.False(_keeper.TryReplace(broken, Grant("b"), Lease, _time.GetTimestamp()));
    }

    [Fact]
    public async Task Broken_AfterAnUpgrade_LosesTheHold()
    {
        var hold = Keep("a");
        var reader = hold.Grant.RequestId;
        Assert.True(_keeper.TryReplace(hold, Grant("a"), Lease, _time.GetTimestamp()));
        await _keeper.BrokenAsync(reader);
        Assert.False(hold.IsLost);
        await _keeper.BrokenAsync(hold.Grant.RequestId);
        Assert.True(hold.IsLost);
        Advance(5_000);
        Assert.False(_transport.Renewals.HasNext);
    }

    private static (string? Silo, string Keys) Sent(RenewalCall call) =>
        (call.Sent.Silo, string.Concat(call.Sent.Renewals.Select(renewal => renewal.Key)));

    /// <summary>Answers a call 100 ms after it was sent. That has been dealt with once its holds wait for the rest of the third of their lease.</summary>
    private async Task AnswerAsync(RenewalCall call, params LockRenewalReply[] replies)
    {
        Advance(100);
        call.Answer([.. replies]);
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(4_900));
    }

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>A hold whose silo is known already.</summary>
    private HeldLock Keep(string key)
    {
        var hold = Assert.IsType<HeldLock>(_keeper.TryKeep(Grant(key), Lease, _time.GetTimestamp()));
        hold.Silo = "silo";
        return hold;
    }

    private LockGrant Grant(string key) => new(key, Guid.NewGuid(), LockMode.Write, 0, ++_lastToken, 99);

    private LockKeeper Keeper(ClusterCallOptions callOptions) => new(
        _transport, Options.Create(callOptions), Options.Create(new LockOptions { Lease = Lease, Owner = "test" }), TestInstruments.Locks, _time,
        NullLogger<LockKeeper>.Instance);
}
