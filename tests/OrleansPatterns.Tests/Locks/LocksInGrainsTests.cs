using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Testing;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LocksInGrainsTests
{
    /// <summary>Orleans makes no observer references in a grain's turn.</summary>
    [Fact]
    public async Task Lock_TakenByAGrainBeforeAnybodyElseInTheProcess_IsTheLock()
    {
        await using var patterns = await PatternsTestCluster.StartAsync(options => (options.Silos, options.UseRealTime) = (1, true));
        var cluster = patterns.TestCluster;
        var key = FreshKey();
        Assert.Equal(1, await cluster.Client.GetGrain<ILockingGrain>(key).TakeAsync().Soon());
        var inSilo = cluster.GetSiloServiceProvider(cluster.Silos[0].SiloAddress).GetRequiredService<IDistributedLockProvider>();
        await using var handle = await inSilo.AcquireLockAsync(key, cancellationToken: TestContext.Current.CancellationToken).Soon();
        Assert.Equal(2, handle.FencingToken);
    }
}
