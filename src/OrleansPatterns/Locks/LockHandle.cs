using Medallion.Threading;

namespace OrleansPatterns.Locks;

/// <summary>A held lock, reader's or writer's part of a lock, or place of a semaphore. Dispose it to release it.</summary>
/// <remarks>
/// <para>
/// The hold is renewed in the background at every third of <see cref="LockOptions.Lease"/> until the handle is disposed or lost. A handle that
/// is never disposed and no longer referenced is released when the garbage collector finds it.
/// </para>
/// <para>
/// The lease counts from before the last successful renewal was sent, on this process' monotonic clock, and nobody else holds the lock before
/// it is over. A process that is paused for longer cannot know that it was: pass <see cref="FencingToken"/> on to the protected resource, so
/// that the resource can refuse a writer whose token is lower than one it has seen.
/// </para>
/// <para>All members are safe for concurrent use.</para>
/// </remarks>
public class LockHandle : IDistributedSynchronizationHandle
{
    private readonly LockKeeper _keeper;
    private int _isDisposed;

    internal LockHandle(LockKeeper keeper, HeldLock hold) => (_keeper, Hold) = (keeper, hold);

    /// <summary>Releases the lock of a handle that was abandoned. The hold itself is kept alive by its renewals.</summary>
    ~LockHandle() => Release();

    /// <summary>The number of this grant: greater than that of every earlier grant of the same lock. Still readable after disposal.</summary>
    public long FencingToken => Hold.Grant.FencingToken;

    /// <summary>Fires when the lock must be taken for lost: stop using the resource.</summary>
    /// <remarks>
    /// It fires 5 % of the lease, and at most 500 milliseconds, before the lease is over without a successful renewal, at once when an operator
    /// breaks the hold, or as soon as the cluster says that the lock is no longer this handle's. A lost handle stays lost. A renewal that merely
    /// fails loses nothing. It does not fire for a handle that is disposed.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The handle has been disposed.</exception>
    public CancellationToken HandleLostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return Hold.LostToken;
        }
    }

    internal HeldLock Hold { get; }

    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Releases the lock. See <see cref="DisposeAsync"/>.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the lock; the first waiter gets it at once.</summary>
    /// <remarks>
    /// Never throws, and does not wait: the release is on its way when this returns, and takes effect before whatever this process asks of the
    /// same lock next. Should it get lost, the lock passes on with that next request, or when the lease is over. May be called more than once.
    /// </remarks>
    public ValueTask DisposeAsync()
    {
        Release();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _keeper.Release(Hold);
        }
    }
}
