using Medallion.Threading;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>Medallion's provider over lock grains.</summary>
internal sealed class OrleansLockProvider(
    IGrainFactory grains,
    ClusterCaller caller,
    IOptions<ClusterCallOptions> callOptions,
    IOptions<LockOptions> options,
    TimeProvider time,
    ILogger<LockHandle> logger) : IDistributedLockProvider
{
    public IDistributedLock CreateLock(string name)
    {
        var key = ResourceKey.Parse(name);
        var calls = new LockCalls(key.Value, grains.GetLockGrain(key.Value), caller, callOptions, time);
        return new OrleansLock(calls, options.Value, time, logger);
    }
}
