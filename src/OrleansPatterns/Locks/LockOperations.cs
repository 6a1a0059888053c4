using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <inheritdoc cref="ILockOperations"/>
internal sealed class LockOperations(IGrainFactory grains, ClusterCaller caller) : ILockOperations
{
    public Task<LockStatus> GetStatusAsync(string name, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetLockGrain(LockName.ListedToKey(name));
        return caller.CallAsync($"look at lock '{name}'", _ => grain.GetStatusAsync(), cancellationToken);
    }

    public Task<int> BreakAsync(string name, long? fencingToken = null, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetLockGrain(LockName.ListedToKey(name));
        if (fencingToken < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(fencingToken), fencingToken, "A fencing token is at least 1. Leave it out to break every hold of the lock.");
        }

        return fencingToken is { } token
            ? caller.CallAsync($"break lock '{name}'", _ => grain.BreakAsync(token), cancellationToken)
            : BreakAllAsync(name, grain, cancellationToken);
    }

    /// <summary>By the token of the latest hold: an attempt that comes late must not break those who have got the lock since.</summary>
    private async Task<int> BreakAllAsync(string name, ILockGrain grain, CancellationToken cancellationToken)
    {
        var latest = (await GetStatusAsync(name, cancellationToken)).FencingToken;
        return latest == 0 ? 0 : await caller.CallAsync($"break lock '{name}'", _ => grain.BreakAsync(latest, andEarlier: true), cancellationToken);
    }
}
