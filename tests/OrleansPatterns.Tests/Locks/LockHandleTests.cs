using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Medallion.Threading;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;
using static OrleansPatterns.Tests.Locks.ScriptedLockTransport;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockHandleTests : IDisposable
{
    private const long Token = 7;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ObservedTime _time = new();
    private readonly ScriptedLockTransport _transport = new();
    private readonly string _key = FreshKey();
    private readonly Guid _requestId = Guid.NewGuid();
    private readonly List<LockKeeper> _keepers = [];

    public void Dispose() => _keepers.ForEach(keeper => keeper.Dispose());

    [Theory]
    [InlineData(3_000, 1_000)]
    [InlineData(15_000, 5_000)]
    [InlineData(600_000, 200_000)]
    public async Task Renewal_IsSentAtAThirdOfTheLease(int lease, int expected)
    {
        await using var handle = Start(lease);
        Advance(expected - 1);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        var renewal = Assert.Single(_transport.Renewals.Take().Sent.Renewals);
        Assert.Equal((_key, _requestId, Token), (renewal.Key, renewal.Renewal.RequestId, renewal.Renewal.FencingToken));
        Assert.Equal(TimeSpan.FromMilliseconds(lease), renewal.Renewal.Lease);
    }

    [Fact]
    public async Task Renewal_CountsFromTheSendingOfTheRequest()
    {
        var sentAt = _time.GetTimestamp();
        Advance(4_000);
        await using var handle = Start(sentAt: sentAt);
        Advance(999);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        Assert.True(_transport.Renewals.HasNext);
    }

    [Fact]
    public async Task Renewal_OfAProvisionalGrant_IsSentAtAThirdOfItAndAsksForTheFullLease()
    {
        await using var handle = Start(granted: 2_000);
        Advance(666);
        Assert.False(_transport.Renewals.HasNext);
        Advance(1);
        var renewal = _transport.Renewals.Take();
        Assert.Equal(Lease, Assert.Single(renewal.Sent.Renewals).Renewal.Lease);
        Assert.False(renewal.Sent.Renewals[0].Renewal.IsConfirmation);
        Advance(100);
        renewal.Answer([Renewed()]);

        // From now on it is like any other: the rest of a third of the full lease.
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(4_900));
        await AssertLostAfterAsync(handle, 14_400);
    }

    [Fact]
    public async Task HandleLost_OfAProvisionalGrantThatIsNotRenewed_FiresBeforeItEnds()
    {
        await using var handle = Start(granted: 2_000);
        await AssertLostAfterAsync(handle, 1_900);
    }

    [Theory]
    [InlineData(1_000, 950)]
    [InlineData(10_000, 9_500)]
    [InlineData(15_000, 14_500)]
    [InlineData(600_000, 599_500)]
    public async Task HandleLost_WhileRenewalsAreNotAnswered_FiresFivePercentAndAtMostHalfASecondEarly(int lease, int expected)
    {
        await using var handle = Start(lease);
        await AssertLostAfterAsync(handle, expected);
        Assert.True(_transport.Renewals.HasNext);
    }

    [Fact]
    public async Task HandleLost_CountsFromTheSendingOfTheRequest()
    {
        var sentAt = _time.GetTimestamp();
        Advance(4_000);
        await using var handle = Start(sentAt: sentAt);
        await AssertLostAfterAsync(handle, 10_500);
    }

    [Fact]
    public async Task HandleLost_AfterARenewal_CountsFromItsSendingAndNotFromItsAnswer()
    {
        await using var handle = Start();
        Advance(5_000);
        var renewal = _transport.Renewals.Take();
        Advance(4_000);
        renewal.Answer([Renewed()]);

        // The answer has been dealt with once the next renewal is waited for, which counts from the sending as well.
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        await AssertLostAfterAsync(handle, 10_500);
    }

    [Theory]
    [InlineData("faulted")]
    [InlineData("thrown")]
    [InlineData("unknown")]
    [InlineData("no reply")]
    public async Task HandleLost_WhileRenewalsFail_FiresAtTheDeadlineAndNotBefore(string failure)
    {
        _transport.Renewals.Answer = failure switch
        {
            "faulted" => _ => Task.FromException<ImmutableArray<LockRenewalReply>>(new InvalidOperationException("No way.")),
            "thrown" => _ => throw new InvalidOperationException("No way."),
            "unknown" => _ => Task.FromResult<ImmutableArray<LockRenewalReply>>([Unheard()]),
            _ => _ => Task.FromResult<ImmutableArray<LockRenewalReply>>([]),
        };
        await using var handle = Start();
        var lost = handle.HandleLostToken;
        for (var second = 5; second <= 14; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(second == 5 ? 5 : 1));
            await _time.ArmedAsync(TimeSpan.FromSeconds(1));
            Assert.False(lost.IsCancellationRequested, $"Lost at {second} s, expected at 14.5 s.");
        }

        await AssertLostAfterAsync(handle, 500);
    }

    [Fact]
    public async Task HandleLost_WhenARenewalSucceedsAfterFailures_DoesNotFire()
    {
        await using var handle = Start();
        Advance(5_000);
        _transport.Renewals.Take().Fail(new InvalidOperationException("The database is away."));
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        Advance(1_000);
        var renewal = _transport.Renewals.Take();
        Advance(100);
        renewal.Answer([Renewed()]);
        await _time.ArmedAsync(TimeSpan.FromMilliseconds(4_900));
        await AssertLostAfterAsync(handle, 14_400);
    }

    [Fact]
    public async Task HandleLost_WhenTheClusterSaysSo_FiresAtOnceAndForGood()
    {
        await using var handle = Start();
        var lost = Fired(handle.HandleLostToken);
        Advance(5_000);
        _transport.Renewals.Take().Answer([Refused()]);
        await lost.Soon();
        _time.Advance(Lease);
        Assert.False(_transport.Renewals.HasNext);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_WhenAnOperatorBreaksTheHold_FiresAtOnce()
    {
        await using var handle = Start();
        var lost = handle.HandleLostToken;
        await _keepers[0].BrokenAsync(_requestId);
        Assert.True(lost.IsCancellationRequested);
        _time.Advance(Lease);
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public async Task HandleLost_WhenAnotherHoldIsBroken_DoesNotFire()
    {
        await using var handle = Start();
        await _keepers[0].BrokenAsync(Guid.NewGuid());
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        await AssertLostAfterAsync(handle, 14_500);
    }

    [Fact]
    public async Task HandleLostToken_AskedForAfterTheLoss_IsCancelledAlready()
    {
        await using var handle = Start();
        Advance(14_500);
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_AfterAPause_IsNotTakenBackByAnAnswerThatComesBeforeTheTimer()
    {
        await using var handle = Start();
        var sentAt = _time.GetTimestamp();
        _time.Shift(TimeSpan.FromMilliseconds(14_500));
        Assert.False(handle.Hold.TryExtend(Lease, sentAt));
        Assert.False(handle.Hold.TryExtend(Lease, _time.GetTimestamp()));
    }

    [Fact]
    public async Task HandleLost_AfterAnAnswerToAnEarlierSending_KeepsTheLaterCount()
    {
        await using var handle = Start();
        var sentAt = _time.GetTimestamp();
        Advance(5_000);
        Assert.True(handle.Hold.TryExtend(Lease, _time.GetTimestamp()));
        Assert.True(handle.Hold.TryExtend(Lease, sentAt));
        Assert.True(handle.Hold.TryExtend(TimeSpan.FromSeconds(2), _time.GetTimestamp()));
        await AssertLostAfterAsync(handle, 14_500);
    }

    [Fact]
    public async Task HandleLost_WhenItsTimerIsEarly_WaitsForTheDeadline()
    {
        await using var handle = Start();
        _time.Shift(-Tick);
        await AssertLostAfterAsync(handle, 14_501);
    }

    [Theory]
    [InlineData(14_499, true)]
    [InlineData(14_500, false)]
    public void TryKeep_OfAnAnswerThatCameLate_KeepsWhatIsNotOver(int elapsed, bool isKept)
    {
        var sentAt = _time.GetTimestamp();
        Advance(elapsed);
        Assert.Equal(isKept, Keeper().TryKeep(Grant(), Lease, sentAt) is not null);
        Assert.Equal(isKept ? 2 : 0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Dispose_OftenAndConcurrently_ReleasesOnce()
    {
        var handle = Start();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            if (n % 2 == 0)
            {
                await handle.DisposeAsync();
            }
            else
            {
                handle.Dispose();
            }
        }))).Soon();
        handle.Dispose();
        Assert.Equal((_key, new LockRelease(_requestId, Token)), _transport.Releases.Take().Sent);
        Assert.False(_transport.Releases.HasNext);
    }

    [Fact]
    public async Task Dispose_DoesNotWaitForTheRelease()
    {
        _transport.Releases.Answer = null;
        var disposing = Start().DisposeAsync().AsTask();
        Assert.True(disposing.IsCompletedSuccessfully);
        var release = await _transport.Releases.NextAsync();
        Assert.False(release.Reply.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_WhenTheReleaseCannotBeSent_DoesNotThrow(bool isThrown)
    {
        _transport.Releases.Answer = isThrown
            ? _ => throw new InvalidOperationException("No way.")
            : _ => Task.FromException<bool>(new InvalidOperationException("No way."));
        var handle = Start();
        handle.Dispose();
        Assert.Equal([new LockRelease(_requestId, Token)], _keepers[0].TakeReleases(_key));
        Assert.Equal(Token, handle.FencingToken);
    }

    [Fact]
    public void Dispose_EndsRenewalsAndNeverFiresHandleLost()
    {
        var handle = Start();
        var lost = handle.HandleLostToken;
        handle.Dispose();
        _time.Advance(Lease);
        Assert.False(_transport.Renewals.HasNext);
        Assert.False(lost.IsCancellationRequested);
        Assert.Throws<ObjectDisposedException>(() => handle.HandleLostToken);
    }

    [Fact]
    public async Task Dispose_BeforeABreakIsHeardOf_NeverFiresHandleLost()
    {
        var handle = Start();
        var lost = handle.HandleLostToken;
        await handle.DisposeAsync();
        await _keepers[0].BrokenAsync(_requestId);
        _keepers[0].Lose(handle.Hold, LockLossCause.Broken);
        Assert.False(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Dispose_OfALostHandle_ReleasesAllTheSame()
    {
        var handle = Start();
        await _keepers[0].BrokenAsync(_requestId);
        handle.Dispose();
        Assert.Equal((_key, new LockRelease(_requestId, Token)), _transport.Releases.Take().Sent);
    }

    [Fact]
    public async Task Handle_ThatIsAbandoned_IsReleasedByTheGarbageCollector()
    {
        Abandon();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal((_key, new LockRelease(_requestId, Token)), (await _transport.Releases.NextAsync()).Sent);
        _time.Advance(Lease);
        Assert.False(_transport.Renewals.HasNext);
    }

    [Fact]
    public void Handle_ThatIsInUse_IsNotReleasedByTheGarbageCollector()
    {
        var handle = Start();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.False(_transport.Releases.HasNext);
        handle.Dispose();
    }

    [Fact]
    public void FencingToken_OfAMedallionHandle_IsOursEvenAfterDisposal()
    {
        var handle = Start();
        Assert.Equal(Token, ((IDistributedSynchronizationHandle)handle).FencingToken);
        handle.Dispose();
        Assert.Equal(Token, ((IDistributedSynchronizationHandle)handle).FencingToken);
    }

    [Fact]
    public void FencingToken_OfAForeignHandle_SaysWhatIsWrong()
    {
        using IDistributedSynchronizationHandle foreign = new ForeignHandle();
        var exception = Assert.Throws<InvalidOperationException>(() => foreign.FencingToken);
        Assert.Equal(
            "A ForeignHandle has no fencing token. Only a handle of one lock from the IDistributedLockProvider of OrleansPatterns has.",
            exception.Message);
    }

    private static Task Fired(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(fired.SetResult);
        return fired.Task;
    }

    private async Task AssertLostAfterAsync(LockHandle handle, int milliseconds)
    {
        var lost = handle.HandleLostToken;
        var fired = Fired(lost);
        Advance(milliseconds - 1);
        Assert.False(lost.IsCancellationRequested, $"Lost within {milliseconds - 1} ms, expected after {milliseconds} ms.");
        Advance(1);
        Assert.True(lost.IsCancellationRequested, $"Not lost after {milliseconds} ms.");
        await fired.Soon();
    }

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Abandon() => _ = Start();

    private LockHandle Start(int lease = 15_000, int? granted = null, long? sentAt = null)
    {
        var keeper = Keeper(lease);
        var hold = keeper.TryKeep(Grant(), TimeSpan.FromMilliseconds(granted ?? lease), sentAt ?? _time.GetTimestamp());
        return new LockHandle(keeper, Assert.IsType<HeldLock>(hold));
    }

    private LockGrant Grant() => new(_key, _requestId, LockMode.Write, 0, Token, 99);

    private LockKeeper Keeper(int lease = 15_000)
    {
        var keeper = new LockKeeper(
            _transport,
            Options.Create(new ClusterCallOptions()),
            Options.Create(new LockOptions { Lease = TimeSpan.FromMilliseconds(lease), Owner = "test" }),
            TestInstruments.Locks,
            _time,
            NullLogger<LockKeeper>.Instance);
        _keepers.Add(keeper);
        return keeper;
    }

    private sealed class ForeignHandle : IDistributedSynchronizationHandle
    {
        public CancellationToken HandleLostToken => CancellationToken.None;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
