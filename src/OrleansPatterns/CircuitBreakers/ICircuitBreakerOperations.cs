using OrleansPatterns.Cluster;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>What operators do with breakers: look, hold and close. Unlike <see cref="ICircuitBreaker"/> it needs no breaker in this process.</summary>
/// <remarks>
/// Every call may be repeated. What breakers there are is listed by <see cref="Catalog.ICatalogSearch"/>, under the pattern <c>breaker</c>. To ask about a
/// breaker that nobody uses is harmless: it is closed.
/// </remarks>
public interface ICircuitBreakerOperations
{
    /// <summary>What the cluster has decided and counted.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer.</exception>
    Task<BreakerStatus> GetStatusAsync(string dependency, CancellationToken cancellationToken = default);

    /// <summary>Holds a breaker by hand for the whole cluster, across restarts: open, closed, only measuring, or switched off.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="byHand">How, why, by whom and for how long.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be held all the same.</param>
    /// <exception cref="ArgumentException">Something about it is empty, too long or out of bounds.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the breaker is held is unknown.</exception>
    Task HoldAsync(string dependency, BreakerOverride byHand, CancellationToken cancellationToken = default);

    /// <summary>Closes a breaker for the whole cluster, whatever its state.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="author">Who decided. 1 to 128 characters.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be closed all the same.</param>
    /// <exception cref="ArgumentException">The name is not valid, or the author is empty or too long.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the breaker is closed is unknown.</exception>
    Task CloseAsync(string dependency, string author, CancellationToken cancellationToken = default);
}
