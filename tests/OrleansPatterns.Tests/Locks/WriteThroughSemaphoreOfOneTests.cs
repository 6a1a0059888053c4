using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

[Collection<WriteThroughSuites>]
public sealed class WriteThroughSemaphoreOfOneTests(WriteThroughCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => new SemaphoreOfOne(Semaphores.CreateSemaphore(name, maxCount: 1));
}
