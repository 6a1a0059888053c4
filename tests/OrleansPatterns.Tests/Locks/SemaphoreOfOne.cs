using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

/// <summary>A semaphore that lets in one at a time, as a lock does.</summary>
internal sealed class SemaphoreOfOne(IDistributedSemaphore inner) : IDistributedLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquire(timeout, cancellationToken);

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.Acquire(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        inner.TryAcquireAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        inner.AcquireAsync(timeout, cancellationToken);
}
