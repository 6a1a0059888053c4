using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>What operators do with locks, reader-writer locks and semaphores: look, and break.</summary>
/// <remarks>
/// Names are those that were given to the lock providers, or keys as <see cref="Catalog.ICatalogSearch"/> lists them under the pattern <c>lock</c>, which
/// differ where a name cannot be a key. Every call may be repeated.
/// </remarks>
public interface ILockOperations
{
    /// <summary>Who holds a lock and who waits for it, and since when.</summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <exception cref="ArgumentNullException">The name is <see langword="null"/>.</exception>
    /// <exception cref="ClusterUnavailableException">No answer within <see cref="ClusterCallOptions.RetryFor"/>.</exception>
    Task<LockStatus> GetStatusAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Takes a lock from those who hold it, durably; the next in the queue get it at once.</summary>
    /// <remarks>
    /// A broken holder's <c>HandleLostToken</c> fires as soon as the news reaches it, and no later than its lease ends. It may be at work until
    /// then: only the protected resource, by refusing fencing tokens lower than one it has seen, can keep it from doing harm.
    /// </remarks>
    /// <param name="name">The lock's name.</param>
    /// <param name="fencingToken">The token of one hold, as <see cref="GetStatusAsync"/> shows it; <see langword="null"/> (default): all holds that there are when this is called.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the break may still take effect.</param>
    /// <returns>How many holds were broken, as far as is known: after a repetition that was not answered, 0 is possible.</returns>
    /// <exception cref="ArgumentNullException">The name is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The token is less than 1.</exception>
    /// <exception cref="ClusterUnavailableException">No answer within <see cref="ClusterCallOptions.RetryFor"/>: unknown whether it took effect.</exception>
    Task<int> BreakAsync(string name, long? fencingToken = null, CancellationToken cancellationToken = default);
}
