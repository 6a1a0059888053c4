using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

public sealed class SemaphoreOfOneTests(MemoryCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => new SemaphoreOfOne(Semaphores.CreateSemaphore(name, maxCount: 1));
}
