using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockingGrain(IDistributedLockProvider locks) : Grain, ILockingGrain
{
    public async Task<long> TakeAsync()
    {
        await using var handle = await locks.AcquireLockAsync(this.GetPrimaryKeyString());
        return handle.FencingToken;
    }
}
