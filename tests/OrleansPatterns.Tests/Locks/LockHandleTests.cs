using Medallion.Threading;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockHandleTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private readonly ObservedTime _time = new();
    private readonly ScriptedLockGrain _grain = new();
    private readonly Guid _requestId = Guid.NewGuid();

    [Fact]
    public async Task Renewal_IsSentAtAThirdOfTheLease()
    {
        await using var handle = Start();
        _time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.False(_grain.HasRenewal);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((_requestId, 7L, Lease), await _grain.NextRenewalAsync());
    }

    [Fact]
    public async Task HandleLost_WhileARenewalIsPending_FiresHalfASecondBeforeTheLeaseEnds()
    {
        _grain.OnRenew = Never<RenewOutcome>;
        await using var handle = Start();
        _time.Advance(TimeSpan.FromMilliseconds(14499));
        await _grain.NextRenewalAsync();
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Theory]
    [InlineData(1_000, 950)]
    [InlineData(10_000, 9_500)]
    [InlineData(600_000, 599_500)]
    public async Task HandleLost_ComesFivePercentAndAtMostHalfASecondEarly(int lease, int expected)
    {
        _grain.OnRenew = Never<RenewOutcome>;
        await using var handle = Start(lease: TimeSpan.FromMilliseconds(lease));
        _time.Advance(TimeSpan.FromMilliseconds(expected - 1));
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_CountsFromTheSendingOfTheRequest()
    {
        _grain.OnRenew = Never<RenewOutcome>;
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(4));
        await using var handle = Start(sentAt);
        _time.Advance(TimeSpan.FromMilliseconds(10499));
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_AfterARenewal_CountsFromItsSendingAndNotFromItsAnswer()
    {
        var answer = new TaskCompletionSource<RenewOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _grain.OnRenew = () => answer.Task;
        await using var handle = Start();
        _time.Advance(TimeSpan.FromSeconds(5));
        await _grain.NextRenewalAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        _grain.OnRenew = Never<RenewOutcome>;
        answer.SetResult(RenewOutcome.Renewed);

        // The answer has been dealt with once the handle waits for the next third.
        await _time.ArmedAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(9499));
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_WhenARenewalFails_DoesNotFire()
    {
        _grain.OnRenew = () => Task.FromException<RenewOutcome>(new InvalidOperationException("The database is away."));
        await using var handle = Start();
        _time.Advance(TimeSpan.FromSeconds(5));
        await _grain.NextRenewalAsync();
        _grain.OnRenew = () => Task.FromResult(RenewOutcome.Renewed);
        _time.Advance(TimeSpan.FromSeconds(5));
        await _grain.NextRenewalAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        await _grain.NextRenewalAsync();
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task HandleLost_WhenTheGrainSaysSo_FiresAtOnceAndForGood()
    {
        _grain.OnRenew = () => Task.FromResult(RenewOutcome.NotHolder);
        await using var handle = Start();
        var lost = Fired(handle.HandleLostToken);
        _time.Advance(TimeSpan.FromSeconds(5));
        await lost.Soon();
        await _grain.NextRenewalAsync();
        _time.Advance(Lease);
        Assert.False(_grain.HasRenewal);
    }

    [Fact]
    public void Start_WhenTheLeaseIsOverAlready_HasNothingToKeep()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(14500));
        Assert.Null(LockHandle.TryStart(Calls(), _requestId, 7, Lease, sentAt, _time, NullLogger<LockHandle>.Instance));
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
        Assert.Equal((_requestId, 7L), await _grain.NextReleaseAsync());
        Assert.Equal(1, _grain.Releases);
        Assert.Equal(7, handle.FencingToken);
    }

    [Fact]
    public async Task Dispose_EndsRenewalsAndNeverFiresHandleLost()
    {
        var handle = Start();
        var lost = handle.HandleLostToken;
        await handle.DisposeAsync();
        _time.Advance(Lease);
        Assert.False(_grain.HasRenewal);
        Assert.False(lost.IsCancellationRequested);
        Assert.Throws<ObjectDisposedException>(() => handle.HandleLostToken);
    }

    [Fact]
    public async Task Dispose_WhenTheReleaseFails_DoesNotThrow()
    {
        _grain.OnRelease = () => Task.FromException<ReleaseOutcome>(new InvalidOperationException("The database is away."));
        await Start().DisposeAsync().AsTask().Soon();
    }

    [Fact]
    public async Task Dispose_WhenNobodyAnswers_GivesUpAfterThreeSeconds()
    {
        _grain.OnRelease = Never<ReleaseOutcome>;
        var disposal = Start().DisposeAsync().AsTask();
        await _grain.NextReleaseAsync();
        _time.Advance(TimeSpan.FromMilliseconds(2999));
        Assert.False(disposal.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await disposal.Soon();
    }

    [Fact]
    public async Task FencingToken_OfAMedallionHandle_IsOurs()
    {
        await using IDistributedSynchronizationHandle handle = Start();
        Assert.Equal(7, handle.FencingToken);
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

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    private static Task Fired(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(fired.SetResult);
        return fired.Task;
    }

    private LockHandle Start(long? sentAt = null, TimeSpan? lease = null) =>
        LockHandle.TryStart(Calls(), _requestId, 7, lease ?? Lease, sentAt ?? _time.GetTimestamp(), _time, NullLogger<LockHandle>.Instance)
        ?? throw new InvalidOperationException("The lease was over before it began.");

    private LockCalls Calls()
    {
        var options = Options.Create(new ClusterCallOptions());
        return new LockCalls("test", _grain, new ClusterCaller(_time, options), options, _time);
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
