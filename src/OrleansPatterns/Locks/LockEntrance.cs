using Medallion.Threading;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>One way to hold a lock, with the four methods that Medallion's interfaces ask for it under different names.</summary>
internal sealed class LockEntrance<THandle>(LockClient client, LockAsk ask, Func<HeldLock, THandle> handle)
    where THandle : class, IDistributedSynchronizationHandle
{
    internal ValueTask<THandle?> TryAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        LockWait.Check(timeout);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<THandle?>(cancellationToken)
            : new(EnterAsync(timeout, cancellationToken));
    }

    internal ValueTask<THandle> RequireAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var within = timeout ?? Timeout.InfiniteTimeSpan;
        LockWait.Check(within);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<THandle>(cancellationToken)
            : new(EnterOrThrowAsync(within, cancellationToken));
    }

    internal THandle? Try(TimeSpan timeout, CancellationToken cancellationToken) =>
        Blocking.Wait(() => TryAsync(timeout, cancellationToken).AsTask());

    internal THandle Require(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Blocking.Wait(() => RequireAsync(timeout, cancellationToken).AsTask());

    private async Task<THandle?> EnterAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        await client.AcquireAsync(ask, timeout, cancellationToken) is { } hold ? handle(hold) : null;

    private async Task<THandle> EnterOrThrowAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        await EnterAsync(timeout, cancellationToken) ?? throw LockWait.TimedOut(ask.Name, timeout);
}
