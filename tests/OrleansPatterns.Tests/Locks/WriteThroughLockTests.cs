using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

[Collection<WriteThroughSuites>]
public sealed class WriteThroughLockTests(WriteThroughCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => Locks.CreateLock(name);
}
