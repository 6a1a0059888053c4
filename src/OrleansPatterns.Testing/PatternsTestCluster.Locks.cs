using OrleansPatterns.Locks;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>Lets the lease of a lock end as if its holder had died: it renews no more, and time passes until the lock is another's or free.</summary>
    /// <remarks>
    /// The holder's <c>HandleLostToken</c> fires, and the first waiter gets the lock, with a greater fencing token. Of a reader-writer lock or a semaphore all
    /// who hold it at the time fall silent. Other leases go on being renewed meanwhile.
    /// </remarks>
    /// <param name="name">The lock's name.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <exception cref="InvalidOperationException">Nobody holds the lock, or the cluster runs on the real clock.</exception>
    /// <exception cref="TimeoutException">The holder still has it although its lease is over.</exception>
    public async Task ExpireLockAsync(string name, CancellationToken cancellationToken = default)
    {
        var operations = Service<ILockOperations>();
        _ = Time;
        var held = (await operations.GetStatusAsync(name, cancellationToken)).Holders.Select(holder => holder.FencingToken).ToHashSet();
        if (held.Count == 0)
        {
            throw new InvalidOperationException($"Nobody holds lock '{name}', so there is no lease that could expire.");
        }

        var grain = GrainKeys.GrainIdFor(PatternNames.Lock, ResourceKey.Parse(LockName.ToKey(name)));
        foreach (var token in held)
        {
            _parts.Silenced.Silence(grain, token);
        }

        await AdvanceWhileAsync(LeftAsync, $"lock '{name}' passes on from {string.Join(", ", held)}", cancellationToken);

        async Task<TimeSpan> LeftAsync()
        {
            var silent = (await operations.GetStatusAsync(name, cancellationToken)).Holders.Where(holder => held.Contains(holder.FencingToken)).ToList();
            return silent.Count == 0 ? TimeSpan.Zero : Longer(SmallestStep, silent.Max(holder => holder.ExpiresIn));
        }
    }
}
