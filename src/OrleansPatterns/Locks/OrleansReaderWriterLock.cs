using Medallion.Threading;

namespace OrleansPatterns.Locks;

/// <summary>Medallion's reader-writer lock, whose writer is the same as the holder of the plain lock of that name.</summary>
internal sealed class OrleansReaderWriterLock(LockClient client, string name, string key) : IDistributedUpgradeableReaderWriterLock
{
    private readonly LockEntrance<IDistributedSynchronizationHandle> _read =
        new(client, new LockAsk(name, key, LockMode.Read), hold => new LockHandle(client.Keeper, hold));

    private readonly LockEntrance<IDistributedSynchronizationHandle> _write =
        new(client, new LockAsk(name, key, LockMode.Write), hold => new LockHandle(client.Keeper, hold));

    private readonly LockEntrance<IDistributedLockUpgradeableHandle> _upgradeable = Upgradeable(client, new LockAsk(name, key, LockMode.UpgradeableRead));

    public string Name => name;

    public IDistributedSynchronizationHandle? TryAcquireReadLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _read.Try(timeout, cancellationToken);

    public IDistributedSynchronizationHandle AcquireReadLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _read.Require(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireReadLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _read.TryAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireReadLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _read.RequireAsync(timeout, cancellationToken);

    public IDistributedSynchronizationHandle? TryAcquireWriteLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _write.Try(timeout, cancellationToken);

    public IDistributedSynchronizationHandle AcquireWriteLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _write.Require(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireWriteLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _write.TryAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireWriteLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _write.RequireAsync(timeout, cancellationToken);

    public IDistributedLockUpgradeableHandle? TryAcquireUpgradeableReadLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _upgradeable.Try(timeout, cancellationToken);

    public IDistributedLockUpgradeableHandle AcquireUpgradeableReadLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _upgradeable.Require(timeout, cancellationToken);

    public ValueTask<IDistributedLockUpgradeableHandle?> TryAcquireUpgradeableReadLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _upgradeable.TryAsync(timeout, cancellationToken);

    public ValueTask<IDistributedLockUpgradeableHandle> AcquireUpgradeableReadLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _upgradeable.RequireAsync(timeout, cancellationToken);

    private static LockEntrance<IDistributedLockUpgradeableHandle> Upgradeable(LockClient client, LockAsk ask) =>
        new(client, ask, hold => new UpgradeableLockHandle(client, ask, hold));
}
