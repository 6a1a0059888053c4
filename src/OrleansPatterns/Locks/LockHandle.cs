using Medallion.Threading;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Locks;

/// <summary>A held lock. Dispose it to release the lock.</summary>
/// <remarks>
/// <para>
/// The hold is renewed in the background at every third of <see cref="LockOptions.Lease"/> until the handle is disposed or lost. A handle that
/// is never disposed keeps the lock for as long as its process lives.
/// </para>
/// <para>
/// The lease counts from before the last successful renewal was sent, on this process' monotonic clock, and nobody else holds the lock before
/// it is over. A process that is paused for longer cannot know that it was: pass <see cref="FencingToken"/> on to the protected resource, so
/// that the resource can refuse a writer whose token is lower than one it has seen.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public sealed partial class LockHandle : IDistributedSynchronizationHandle
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _over = new();
    private readonly LockCalls _calls;
    private readonly Guid _requestId;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger<LockHandle> _logger;
    private readonly ITimer _lossTimer;

    private long _countsFrom;
    private Task? _disposal;

    private LockHandle(
        LockCalls calls, Guid requestId, long token, TimeSpan lease, long sentAt, TimeProvider time, ILogger<LockHandle> logger)
    {
        _calls = calls;
        _requestId = requestId;
        _lease = lease;
        _time = time;
        _logger = logger;
        _countsFrom = sentAt;
        FencingToken = token;
        HandleLost = _lost.Token;
        _lossTimer = time.CreateTimer(
            static handle => ((LockHandle)handle!).LoseAtDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The number of this grant: greater than that of every earlier grant of the same lock. Still readable after disposal.</summary>
    public long FencingToken { get; }

    /// <summary>Fires when the lock must be taken for lost: stop using the resource.</summary>
    /// <remarks>
    /// It fires 5 % of the lease, and at most 500 milliseconds, before the lease is over without a successful renewal, or as soon as the cluster
    /// says that the lock is no longer this handle's. A lost handle stays lost. A renewal that merely fails loses nothing. It does not
    /// fire for a handle that is disposed.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The handle has been disposed.</exception>
    public CancellationToken HandleLostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposal) is not null, this);
            return HandleLost;
        }
    }

    private CancellationToken HandleLost { get; }

    /// <summary>How long after the sending a hold is given up: early enough for the code under it to stop while the lease still lasts.</summary>
    private TimeSpan LossAfter => _lease - TimeSpan.FromMilliseconds(Math.Min(500, _lease.TotalMilliseconds * 0.05));

    /// <summary>Begins to keep a grant, or answers <see langword="null"/> when its lease is over already.</summary>
    internal static LockHandle? TryStart(
        LockCalls calls, Guid requestId, long token, TimeSpan lease, long sentAt, TimeProvider time, ILogger<LockHandle> logger)
    {
        // Timer and renewals live longer than the caller's call: neither its trace nor its grain's call chain is theirs, and the thread pool
        // runs them even while the caller's scheduler, for instance a grain's, is busy.
        var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            var handle = new LockHandle(calls, requestId, token, lease, sentAt, time, logger);
            if (!handle.TryExtend(sentAt))
            {
                handle._lossTimer.Dispose();
                return null;
            }

            _ = Task.Run(handle.KeepAsync);
            return handle;
        }
        finally
        {
            flow?.Undo();
        }
    }

    /// <summary>Releases the lock. See <see cref="DisposeAsync"/>.</summary>
    /// <remarks>It blocks the thread until then; <see cref="DisposeAsync"/> does not.</remarks>
    public void Dispose() => EndAsync().GetAwaiter().GetResult();

    /// <summary>Releases the lock; the first waiter gets it at once.</summary>
    /// <remarks>
    /// Never throws. May be called more than once, also concurrently: every call ends when the release does. With the cluster away it gives up
    /// after 3 seconds; the lock then passes on when the lease is over.
    /// </remarks>
    public ValueTask DisposeAsync() => new(EndAsync());

    private Task EndAsync()
    {
        lock (_gate)
        {
            // On the thread pool, so that Dispose() may block a caller whose synchronization context would be needed otherwise.
            return _disposal ??= Task.Run(ReleaseAsync);
        }
    }

    private async Task ReleaseAsync()
    {
        await _over.CancelAsync();
        await _lossTimer.DisposeAsync();
        try
        {
            await _calls.ReleaseAsync(_requestId, FencingToken);
        }
        catch (Exception exception)
        {
            LogNotReleased(exception, _calls.Name, FencingToken);
        }
    }

    private async Task KeepAsync()
    {
        var third = _lease / 3;
        var lastTriedAt = _countsFrom;
        try
        {
            while (true)
            {
                var wait = third - _time.GetElapsedTime(lastTriedAt);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, _over.Token);
                lastTriedAt = _time.GetTimestamp();
                await RenewAsync();
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Disposed or lost.
        }
    }

    /// <summary>One renewal. Without an answer the hold is unknown, not lost: only the deadline or an explicit answer ends it.</summary>
    private async Task RenewAsync()
    {
        try
        {
            var (outcome, sentAt) = await _calls.RenewAsync(_requestId, FencingToken, _lease, _over.Token);
            if (outcome == RenewOutcome.Renewed)
            {
                TryExtend(sentAt);
            }
            else
            {
                Lose();
            }
        }
        catch (Exception exception) when (!_over.IsCancellationRequested)
        {
            LogRenewalFailed(exception, _calls.Name, FencingToken);
        }
    }

    /// <summary>Counts the lease from <paramref name="sentAt"/>, unless it is over by the old or by the new count.</summary>
    private bool TryExtend(long sentAt)
    {
        lock (_gate)
        {
            // The timer may be late. Past the old deadline another may hold the lock, whatever this answer says.
            if (_over.IsCancellationRequested || _disposal is not null || UntilLoss(_countsFrom) <= TimeSpan.Zero)
            {
                return false;
            }

            var remaining = UntilLoss(sentAt);
            if (remaining <= TimeSpan.Zero)
            {
                return false;
            }

            _countsFrom = sentAt;
            _lossTimer.Change(remaining, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    private TimeSpan UntilLoss(long countsFrom) => LossAfter - _time.GetElapsedTime(countsFrom);

    private void LoseAtDeadline()
    {
        lock (_gate)
        {
            if (UntilLoss(_countsFrom) is var remaining && remaining > TimeSpan.Zero)
            {
                // Extended while the timer was firing, or the timer was early.
                _lossTimer.Change(remaining, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Lose();
    }

    private void Lose()
    {
        lock (_gate)
        {
            if (_disposal is not null || _over.IsCancellationRequested)
            {
                return;
            }

            // Both are cancelled from here on; their callbacks, which may be foreign code, run on the thread pool.
            _ = _lost.CancelAsync();
            _ = _over.CancelAsync();
        }

        LogLost(_calls.Name, FencingToken);
    }
}
