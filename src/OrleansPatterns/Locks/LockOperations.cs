using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <inheritdoc cref="ILockOperations"/>
internal sealed class LockOperations(IGrainFactory grains, ClusterCaller caller) : ILockOperations
{
    public async Task<LockStatus> GetStatusAsync(string name, CancellationToken cancellationToken = default) =>
        (await FindAsync(name, cancellationToken)).Status;

    public async Task<int> BreakAsync(string name, long? fencingToken = null, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetLockGrain(LockName.ToKey(name));
        if (fencingToken < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(fencingToken), fencingToken, "A fencing token is at least 1. Leave it out to break every hold of the lock.");
        }

        if (fencingToken is { } token && !LockName.LooksHashed(name))
        {
            return await caller.CallAsync($"break lock '{name}'", _ => grain.BreakAsync(token), cancellationToken);
        }

        // All of them: by the token of the latest hold, as an attempt that comes late must not break those who have got the lock since.
        var (found, status) = await FindAsync(name, cancellationToken);
        return status.FencingToken == 0
            ? 0
            : await caller.CallAsync(
                $"break lock '{name}'", _ => found.BreakAsync(fencingToken ?? status.FencingToken, andEarlier: fencingToken is null), cancellationToken);
    }

    /// <summary>By name; what looks like a key and is nobody's name is taken for the key that it was listed under.</summary>
    private async Task<(ILockGrain Grain, LockStatus Status)> FindAsync(string name, CancellationToken cancellationToken)
    {
        var grain = grains.GetLockGrain(LockName.ToKey(name));
        var status = await caller.CallAsync($"look at lock '{name}'", _ => grain.GetStatusAsync(), cancellationToken);
        if (status.FencingToken > 0 || !LockName.LooksHashed(name))
        {
            return (grain, status);
        }

        var listed = grains.GetLockGrain(name);
        return (listed, await caller.CallAsync($"look at lock '{name}'", _ => listed.GetStatusAsync(), cancellationToken));
    }
}
