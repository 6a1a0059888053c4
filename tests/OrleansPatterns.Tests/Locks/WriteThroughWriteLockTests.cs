using Medallion.Threading;

namespace OrleansPatterns.Tests.Locks;

[Collection<WriteThroughSuites>]
public sealed class WriteThroughWriteLockTests(WriteThroughCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => new WriteLock(ReaderWriterLocks.CreateUpgradeableReaderWriterLock(name));
}
