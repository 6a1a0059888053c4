using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

public sealed class WriteLockTests(MemoryCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => new WriteLock(ReaderWriterLocks.CreateUpgradeableReaderWriterLock(name));
}
