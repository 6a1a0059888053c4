using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

/// <summary>A reader-writer lock of which only the writer's side is used.</summary>
internal sealed class WriteLock(IDistributedUpgradeableReaderWriterLock inner) : IDistributedLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireWriteLock(timeout, cancellationToken);

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireWriteLock(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireWriteLockAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireWriteLockAsync(timeout, cancellationToken);
}
