using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;
using static OrleansPatterns.Tests.Locks.ScriptedLockTransport;
using AcquireCall = OrleansPatterns.Tests.Locks.ScriptedCall<(string Key, OrleansPatterns.Locks.LockRequest Request), OrleansPatterns.Locks.LockReply>;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockClientTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Provisional = TimeSpan.FromSeconds(2);
    private static readonly LockReply Queued = new() { Outcome = LockOutcome.Queued };
    private static readonly LockReply Busy = new() { Outcome = LockOutcome.Busy };

    private readonly ObservedTime _time = new();
    private readonly ScriptedLockTransport _transport = new();
    private readonly ClusterCallOptions _callOptions = new();
    private readonly LockOptions _options = new() { Lease = Lease, Owner = "test" };
    private readonly LockKeeper _keeper;
    private readonly LockClient _client;
    private readonly string _key = FreshKey();

    public LockClientTests()
    {
        var (options, callOptions) = (Options.Create(_options), Options.Create(_callOptions));
        _keeper = new LockKeeper(_transport, callOptions, options, TestInstruments.Locks, _time, NullLogger<LockKeeper>.Instance);
        _client = new LockClient(
            _transport, _keeper, new ClusterCaller(_time, callOptions), callOptions, options, TestInstruments.Locks, _time, NullLogger<LockClient>.Instance);
    }

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public async Task Acquire_SaysWhatTheGrainHasToKnow()
    {
        var asking = _client.AcquireAsync(new LockAsk("name", _key, LockMode.Permit, 3), TimeSpan.Zero, TestContext.Current.CancellationToken);
        var call = _transport.Acquires.Take();
        Assert.Equal(_key, call.Sent.Key);
        Assert.NotEqual(Guid.Empty, call.Sent.Request.RequestId);
        Assert.Equal(
            new LockRequest
            {
                RequestId = call.Sent.Request.RequestId, Owner = "test", Lease = Lease, Mode = LockMode.Permit, Permits = 3, Observer = _keeper,
            },
            call.Sent.Request);
        call.Answer(Granted(Lease));
        var hold = Assert.IsType<HeldLock>(await asking.Soon());
        Assert.Equal(new LockGrant(_key, call.Sent.Request.RequestId, LockMode.Permit, 3, 7, 99), hold.Grant);
    }

    [Fact]
    public async Task Acquire_GrantedAtOnce_CountsFromTheSending()
    {
        var asking = Acquire(TimeSpan.Zero);
        Advance(4_000);
        _transport.Acquires.Take().Answer(Granted(Lease));
        AssertLostAfter(await asking.Soon(), 10_500);
    }

    [Fact]
    public async Task Acquire_AnsweredAfterItsLease_AsksAgainUnderTheSameId()
    {
        _options.Lease = TimeSpan.FromSeconds(1);
        var asking = Acquire(TimeSpan.FromSeconds(60));
        var first = _transport.Acquires.Take();
        Advance(950);
        first.Answer(Granted(_options.Lease));
        var second = await _transport.Acquires.NextAsync();
        AssertRepeats(first, second, waitedFor: 950);
        Advance(949);
        second.Answer(Granted(_options.Lease));
        AssertLostAfter(await asking.Soon(), 1);
        Assert.False(_transport.Confirmations.HasNext);
    }

    [Fact]
    public async Task Acquire_AfterAnAttemptWithoutAnswer_CountsFromTheAttemptThatWasAnswered()
    {
        var asking = Acquire(TimeSpan.FromSeconds(60));
        var first = _transport.Acquires.Take();
        Advance(3_000);
        first.Fail(new SiloUnavailableException("The silo is gone."));
        await _time.ArmedAsync(new TimeSpan(1), TimeSpan.FromSeconds(1));
        Advance(1_000);
        var second = await _transport.Acquires.NextAsync();
        AssertRepeats(first, second, waitedFor: 4_000);
        second.Answer(Granted(Lease));
        AssertLostAfter(await asking.Soon(), 14_500);
    }

    [Fact]
    public async Task Acquire_GrantedProvisionallyWithASecondLeft_BeginsAtOnce()
    {
        var asking = Acquire(TimeSpan.FromSeconds(60));
        Advance(900);
        _transport.Acquires.Take().Answer(Granted(Provisional));
        var hold = await asking.Soon();
        Assert.False(_transport.Confirmations.HasNext);
        AssertLostAfter(hold, 1_000);
    }

    [Fact]
    public async Task Acquire_GrantedProvisionallyWithLessLeft_ConfirmsAndCountsFromItsSending()
    {
        var asking = Acquire(TimeSpan.FromSeconds(60));
        var call = _transport.Acquires.Take();
        Advance(901);
        call.Answer(Granted(Provisional));
        var confirmation = await _transport.Confirmations.NextAsync();
        Assert.Equal(
            (_key, new LockRenewal
            {
                RequestId = call.Sent.Request.RequestId,
                FencingToken = 7,
                Proof = 99,
                Lease = Lease,
                Owner = "test",
                Observer = _keeper,
                IsConfirmation = true,
            }),
            confirmation.Sent);
        Advance(1_500);
        Assert.False(asking.IsCompleted);
        confirmation.Answer(Renewed());
        AssertLostAfter(await asking.Soon(), 13_000);
    }

    [Fact]
    public async Task Acquire_WhoseConfirmationGetsNoAnswer_ConfirmsAgainAndCountsFromThat()
    {
        var asking = Acquire(TimeSpan.FromSeconds(60));
        Advance(4_000);
        _transport.Acquires.Take().Answer(Granted(Provisional));
        await _transport.Confirmations.NextAsync();
        await _time.ArmedAsync(TimeSpan.FromSeconds(2));
        Advance(2_000);
        await _time.ArmedAsync(new TimeSpan(1), TimeSpan.FromSeconds(1));
        Advance(1_000);
        (await _transport.Confirmations.NextAsync()).Answer(Renewed());
        AssertLostAfter(await asking.Soon(), 14_500);
    }

    [Fact]
    public async Task Acquire_WhoseConfirmationIsRefused_AsksAgainUnderTheSameId()
    {
        var asking = Acquire(TimeSpan.FromSeconds(60));
        var first = _transport.Acquires.Take();
        Advance(3_000);
        first.Answer(Granted(Provisional));
        (await _transport.Confirmations.NextAsync()).Answer(Refused());
        var second = await _transport.Acquires.NextAsync();
        AssertRepeats(first, second, waitedFor: 3_000);
        second.Answer(Granted(Lease, token: 8));
        Assert.Equal(8, (await asking.Soon())!.Grant.FencingToken);
        Assert.False(_transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_ThatIsBusyAndDoesNotWait_AnswersNullWithoutAWithdrawal()
    {
        var asking = Acquire(TimeSpan.Zero);
        var call = _transport.Acquires.Take();
        Assert.Equal(TimeSpan.Zero, call.Sent.Request.WaitFor);
        call.Answer(Busy);
        Assert.Null(await asking.Soon());
        Assert.False(_transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_UntilTheTimeout_WaitsInSlicesOfFiveSecondsAndIsWithdrawn()
    {
        var asking = Acquire(TimeSpan.FromSeconds(12));
        AcquireCall? first = null;
        foreach (var (waitedFor, waitFor) in new[] { (0, 5_000), (5_000, 5_000), (10_000, 2_000) })
        {
            var call = await _transport.Acquires.NextAsync();
            first ??= call;
            AssertRepeats(first, call, waitedFor, waitFor);
            Assert.False(_transport.Withdrawals.HasNext);
            Advance(waitFor);
            call.Answer(Queued);
        }

        Assert.Null(await asking.Soon());
        Assert.Equal((_key, first!.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
        Assert.False(_transport.Acquires.HasNext || _transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_WithoutATimeout_WaitsOn()
    {
        var asking = Acquire(Timeout.InfiniteTimeSpan);
        for (var slice = 0; slice < 100; slice++)
        {
            var call = await _transport.Acquires.NextAsync();
            Assert.Equal(TimeSpan.FromSeconds(5), call.Sent.Request.WaitFor);
            Advance(5_000);
            call.Answer(Queued);
        }

        (await _transport.Acquires.NextAsync()).Answer(Granted(Lease));
        Assert.NotNull(await asking.Soon());
    }

    [Fact]
    public async Task Acquire_ThatIsCancelled_IsWithdrawnAndThrows()
    {
        using var cancellation = new CancellationTokenSource();
        var asking = Acquire(Timeout.InfiniteTimeSpan, cancellation.Token);
        var call = _transport.Acquires.Take();
        await cancellation.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.Soon());
        Assert.Equal(cancellation.Token, exception.CancellationToken);
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
    }

    [Fact]
    public async Task Acquire_ThatIsCancelledWhileItConfirms_IsWithdrawnAndThrows()
    {
        using var cancellation = new CancellationTokenSource();
        var asking = Acquire(Timeout.InfiniteTimeSpan, cancellation.Token);
        var call = _transport.Acquires.Take();
        Advance(3_000);
        call.Answer(Granted(Provisional));
        await _transport.Confirmations.NextAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.Soon());
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
    }

    [Fact]
    public async Task Withdrawal_WithoutAnAnswer_IsGivenUpAfterThreeSeconds()
    {
        _transport.Withdrawals.Answer = null;
        using var cancellation = new CancellationTokenSource();
        var asking = Acquire(Timeout.InfiniteTimeSpan, cancellation.Token);
        await cancellation.CancelAsync();
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(1_000);

        // Once more after the first attempt's second, and then until the budget is spent.
        await _time.ArmedAsync(new TimeSpan(1), TimeSpan.FromMilliseconds(999));
        Advance(999);
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(999);
        Assert.False(asking.IsCompleted);
        Advance(2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.Soon());
        Assert.Equal(_transport.Withdrawals.Take().Sent, _transport.Withdrawals.Take().Sent);
    }

    [Fact]
    public async Task Acquire_WithoutAnAnswer_IsUnavailableAfterRetryForAndWithdrawn()
    {
        _callOptions.RetryFor = TimeSpan.FromSeconds(10);
        var asking = Acquire(TimeSpan.FromSeconds(60));
        var call = _transport.Acquires.Take();
        Advance(9_999);
        Assert.False(_transport.Withdrawals.HasNext);
        Advance(1);
        var exception = await Assert.ThrowsAsync<LockUnavailableException>(() => asking.Soon());
        Assert.Equal("name", exception.LockName);
        Assert.StartsWith("Lock 'name' was not granted: no answer from the cluster within 10 s (", exception.Message, StringComparison.Ordinal);
        Assert.IsType<ClusterUnavailableException>(exception.InnerException);
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
    }

    [Fact]
    public async Task Acquire_ThatDoesNotWaitAndGetsNoAnswer_IsUnavailableAndNotBusy()
    {
        _callOptions.RetryFor = _callOptions.AttemptTimeout;
        var asking = Acquire(TimeSpan.Zero);
        Advance(5_000);
        await Assert.ThrowsAsync<LockUnavailableException>(() => asking.Soon());
        Assert.True(_transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_OfAnotherKind_ThrowsWhatTheGrainThrewWithoutAWithdrawal()
    {
        var refusal = new LockKindException(_key, 3, 0);
        var asking = Acquire(TimeSpan.FromSeconds(60));
        _transport.Acquires.Take().Fail(refusal);
        var exception = await Assert.ThrowsAsync<LockKindException>(() => asking.Soon());
        Assert.Equal(new LockKindException("name", 3, 0).Message, exception.Message);
        Assert.Equal(("name", 3, 0), (exception.LockName, exception.PermitsInUse, exception.PermitsAskedFor));
        Assert.False(_transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_WithAFaultThatRepetitionDoesNotMend_IsWithdrawnAndThrowsIt()
    {
        var fault = new ArgumentException("Not like this.");
        var asking = Acquire(TimeSpan.FromSeconds(60));
        _transport.Acquires.Take().Fail(fault);
        Assert.Same(fault, await Assert.ThrowsAsync<ArgumentException>(() => asking.Soon()));
        Assert.True(_transport.Withdrawals.HasNext);
    }

    [Fact]
    public async Task Acquire_AfterReleasesOfThisProcess_RepeatsThemOnceWithTheNextRequestForTheLock()
    {
        var asking = Acquire(TimeSpan.Zero);
        _transport.Acquires.Take().Answer(Granted(Lease));
        var hold = (await asking.Soon())!;
        _keeper.Release(hold);

        var other = _client.AcquireAsync(new LockAsk("other", FreshKey(), LockMode.Write), TimeSpan.Zero, TestContext.Current.CancellationToken);
        Assert.Equal([], Answered(Busy).Request.Releases);
        Assert.Null(await other.Soon());

        asking = Acquire(TimeSpan.FromSeconds(6));
        var first = _transport.Acquires.Take();
        Advance(5_000);
        first.Answer(Queued);
        var second = await _transport.Acquires.NextAsync();
        Advance(1_000);
        second.Answer(Queued);
        Assert.Null(await asking.Soon());
        Assert.Equal([new LockRelease(hold.Grant.RequestId, 7)], first.Sent.Request.Releases);
        Assert.Equal(first.Sent.Request.Releases, second.Sent.Request.Releases);

        asking = Acquire(TimeSpan.Zero);
        Assert.Equal([], Answered(Busy).Request.Releases);
        Assert.Null(await asking.Soon());
    }

    [Fact]
    public async Task Upgrade_NamesItsReaderAndGoesOnUnderTheNewGrant()
    {
        await using var handle = Reader();
        var reader = handle.Hold.Grant.RequestId;
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var call = _transport.Acquires.Take();
        Assert.Equal((LockMode.Write, reader), (call.Sent.Request.Mode, call.Sent.Request.Upgrades));
        call.Answer(Granted(Lease, token: 8));
        await upgrading.Soon();
        Assert.Equal(8, handle.FencingToken);
        Assert.Equal((LockMode.Write, call.Sent.Request.RequestId), (handle.Hold.Grant.Mode, handle.Hold.Grant.RequestId));
    }

    [Fact]
    public async Task Upgrade_ThatTimesOut_IsWithdrawnAndLeavesTheReaderAsItWas()
    {
        await using var handle = Reader();
        var upgrading = handle.TryUpgradeToWriteLockAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken).AsTask();
        var call = _transport.Acquires.Take();
        Advance(3_000);
        call.Answer(Queued);
        Assert.False(await upgrading.Soon());
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
        Assert.Equal((LockMode.UpgradeableRead, 6), (handle.Hold.Grant.Mode, handle.FencingToken));
    }

    [Fact]
    public async Task Upgrade_ByASiloThatHasNotHeardOfTheReaderYet_AsksAgain()
    {
        await using var handle = Reader();
        var upgrading = handle.TryUpgradeToWriteLockAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken).AsTask();
        var first = _transport.Acquires.Take();
        first.Answer(Busy);
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(100));
        Advance(100);
        var second = await _transport.Acquires.NextAsync();
        AssertRepeats(first, second, waitedFor: 100, waitFor: 2_900);
        second.Answer(Granted(Lease));
        Assert.True(await upgrading.Soon());
    }

    [Theory]
    [InlineData(LockOutcome.Busy)]
    [InlineData(LockOutcome.Queued)]
    [InlineData(LockOutcome.Granted)]
    public async Task Upgrade_OfAReaderThatGetsLostMeanwhile_IsWithdrawnAndThrows(LockOutcome outcome)
    {
        await using var handle = Reader();
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var call = _transport.Acquires.Take();
        await _keeper.BrokenAsync(handle.Hold.Grant.RequestId);
        call.Answer(Granted(Lease) with { Outcome = outcome });
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => upgrading.Soon());
        Assert.Equal("The upgradeable read lock 'name' is lost and cannot become a write lock. Acquire it anew.", exception.Message);
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
    }

    [Theory]
    [InlineData(LockOutcome.Busy)]
    [InlineData(LockOutcome.Queued)]
    [InlineData(LockOutcome.Granted)]
    public async Task Upgrade_OfAReaderThatIsDisposedMeanwhile_IsWithdrawnAndThrows(LockOutcome outcome)
    {
        var handle = Reader();
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var call = _transport.Acquires.Take();
        await handle.DisposeAsync();
        call.Answer(Granted(Lease) with { Outcome = outcome });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => upgrading.Soon());
        Assert.Equal((_key, call.Sent.Request.RequestId), _transport.Withdrawals.Take().Sent);
    }

    [Fact]
    public async Task Upgrade_ByTwoCallsAtOnce_IsOneUpgrade()
    {
        await using var handle = Reader();
        var one = handle.UpgradeToWriteLockAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var other = handle.UpgradeToWriteLockAsync(cancellationToken: TestContext.Current.CancellationToken).AsTask();
        var (first, second) = (_transport.Acquires.Take(), _transport.Acquires.Take());
        first.Answer(Granted(Lease));
        await one.Soon();
        second.Answer(Busy);
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => other.Soon());
        Assert.Equal("The lock 'name' has been upgraded to a write lock already.", exception.Message);
        Assert.Equal((LockMode.Write, first.Sent.Request.RequestId), (handle.Hold.Grant.Mode, handle.Hold.Grant.RequestId));
    }

    /// <summary>Granted later without its holder's knowing, it would be renewed along with the reader.</summary>
    [Fact]
    public async Task Upgrade_WhoseWithdrawalIsRefused_IsLeftToTheKeeper()
    {
        await using var handle = Reader();
        _transport.Withdrawals.Answer = _ => Task.FromException<bool>(new InvalidOperationException("No way."));
        var upgrading = handle.TryUpgradeToWriteLockAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken).AsTask();
        var call = _transport.Acquires.Take();
        Advance(3_000);
        call.Answer(Queued);
        Assert.False(await upgrading.Soon());
        Assert.Equal(call.Sent.Request.RequestId, handle.Hold.WithdrawnUpgrade?.RequestId);
    }

    private static LockReply Granted(TimeSpan lease, long token = 7) =>
        new() { Outcome = LockOutcome.Granted, FencingToken = token, Lease = lease, Proof = 99 };

    private static void AssertRepeats(AcquireCall first, AcquireCall next, int waitedFor, int waitFor = 5_000) => Assert.Equal(
        first.Sent.Request with { WaitedFor = TimeSpan.FromMilliseconds(waitedFor), WaitFor = TimeSpan.FromMilliseconds(waitFor) }, next.Sent.Request);

    private (string Key, LockRequest Request) Answered(LockReply reply)
    {
        var call = _transport.Acquires.Take();
        call.Answer(reply);
        return call.Sent;
    }

    private void AssertLostAfter(HeldLock? hold, int milliseconds)
    {
        var lost = Assert.IsType<HeldLock>(hold).LostToken;
        Advance(milliseconds - 1);
        Assert.False(lost.IsCancellationRequested, $"Lost within {milliseconds - 1} ms, expected after {milliseconds} ms.");
        Advance(1);
        Assert.True(lost.IsCancellationRequested, $"Not lost after {milliseconds} ms.");
    }

    private Task<HeldLock?> Acquire(TimeSpan timeout, CancellationToken? cancellationToken = null) =>
        _client.AcquireAsync(new LockAsk("name", _key, LockMode.Write), timeout, cancellationToken ?? TestContext.Current.CancellationToken);

    private UpgradeableLockHandle Reader()
    {
        var grant = new LockGrant(_key, Guid.NewGuid(), LockMode.UpgradeableRead, 0, 6, 98);
        var hold = Assert.IsType<HeldLock>(_keeper.TryKeep(grant, Lease, _time.GetTimestamp()));
        return new UpgradeableLockHandle(_client, new LockAsk("name", _key, LockMode.UpgradeableRead), hold);
    }

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
