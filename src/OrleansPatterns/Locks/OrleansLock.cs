using Medallion.Threading;

namespace OrleansPatterns.Locks;

/// <summary>Medallion's lock. Not re-entrant: a holder that asks again waits for itself.</summary>
internal sealed class OrleansLock(LockClient client, string name, string key) : IDistributedLock
{
    private readonly LockEntrance<IDistributedSynchronizationHandle> _entrance =
        new(client, new LockAsk(name, key, LockMode.Write), hold => new LockHandle(client.Keeper, hold));

    public string Name => name;

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _entrance.Try(timeout, cancellationToken);

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _entrance.Require(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _entrance.TryAsync(timeout, cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _entrance.RequireAsync(timeout, cancellationToken);
}
