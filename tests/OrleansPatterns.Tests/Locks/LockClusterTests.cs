using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What tests of locks in a cluster have in common.</summary>
public abstract class LockClusterTests(TestCluster cluster)
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TestCluster Cluster => cluster;

    protected IDistributedLockProvider Locks => Service<IDistributedLockProvider>();

    protected IDistributedUpgradeableReaderWriterLockProvider ReaderWriterLocks => Service<IDistributedUpgradeableReaderWriterLockProvider>();

    protected IDistributedSemaphoreProvider Semaphores => Service<IDistributedSemaphoreProvider>();

    protected ILockOperations Operations => Service<ILockOperations>();

    /// <summary>What a process calls itself unless told otherwise.</summary>
    protected static string DefaultOwner { get; } = new LockOptions().Owner;

    /// <summary>Waits until so many calls have reached the queue.</summary>
    protected Task<LockStatus> QueuedAsync(string name, int count) => Operations.UntilAsync(name, status => status.WaiterCount == count, $"{count} waiters");

    /// <summary>Waits until releases, which nobody is told of, have arrived.</summary>
    protected Task<LockStatus> FreeAsync(string name) => Operations.UntilAsync(name, status => !status.IsHeld);

    protected Task<LockStatus> StatusAsync(string name) => Operations.GetStatusAsync(name, Token).Soon();

    protected ILockGrain FreshGrain() => cluster.Client.GetLockGrain(FreshKey());

    private T Service<T>()
        where T : notnull => cluster.Client.ServiceProvider.GetRequiredService<T>();
}
