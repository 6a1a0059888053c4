using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <inheritdoc cref="ILockOperations"/>
internal sealed class LockOperations(IGrainFactory grains, ClusterCaller caller) : ILockOperations
{
    public Task<LockStatus> GetStatusAsync(string name, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetLockGrain(LockName.ToKey(name));
        return caller.CallAsync($"look at lock '{name}'", _ => grain.GetStatusAsync(), cancellationToken);
    }

    public Task<int> BreakAsync(string name, long? fencingToken = null, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetLockGrain(LockName.ToKey(name));
        if (fencingToken < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(fencingToken), fencingToken, "A fencing token is at least 1. Leave it out to break every hold of the lock.");
        }

        return caller.CallAsync($"break lock '{name}'", _ => grain.BreakAsync(fencingToken ?? 0), cancellationToken);
    }
}
