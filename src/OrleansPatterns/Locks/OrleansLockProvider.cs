using Medallion.Threading;

namespace OrleansPatterns.Locks;

/// <summary>Medallion's providers over lock grains. Every name that is not <see langword="null"/> is taken.</summary>
internal sealed class OrleansLockProvider(LockClient client, TimeProvider time)
    : IDistributedLockProvider, IDistributedUpgradeableReaderWriterLockProvider, IDistributedSemaphoreProvider
{
    internal TimeProvider Time => time;

    public IDistributedLock CreateLock(string name) => new OrleansLock(client, name, LockName.ToKey(name));

    public IDistributedUpgradeableReaderWriterLock CreateUpgradeableReaderWriterLock(string name) =>
        new OrleansReaderWriterLock(client, name, LockName.ToKey(name));

    IDistributedReaderWriterLock IDistributedReaderWriterLockProvider.CreateReaderWriterLock(string name) => CreateUpgradeableReaderWriterLock(name);

    public IDistributedSemaphore CreateSemaphore(string name, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        return new OrleansSemaphore(client, name, LockName.ToKey(name), maxCount);
    }
}
