using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Keeps calls away from a dependency that is failing, by the cluster's common decision.</summary>
/// <remarks>
/// The decision is made once for all processes from what all of them count, and pushed to each. A call asks nobody while the breaker is closed or
/// open; only a probe of a half-open breaker asks the cluster, for a second at most. With the cluster away the process decides
/// alone, by the same rules and its own counts, until the cluster is back: coordination never fails a call.
/// </remarks>
public interface ICircuitBreaker
{
    /// <summary>The dependency's name.</summary>
    string Name { get; }

    /// <summary>The state as this process knows it. <see cref="BreakerState.HalfOpen"/> also once the break of an open breaker is over.</summary>
    BreakerState State { get; }

    /// <summary>Makes a call, unless the breaker is open.</summary>
    /// <typeparam name="T">What the call returns.</typeparam>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">The caller's; a call that it ends counts neither as success nor as failure, and a probe stops to ask.</param>
    /// <exception cref="BrokenCircuitException">The breaker is open; <c>RetryAfter</c> says for how long, and is never negative.</exception>
    /// <exception cref="IsolatedCircuitException">The breaker is held open by hand.</exception>
    Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ExecuteAsync{T}"/>
    Task ExecuteAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken = default);

    /// <summary>Holds the breaker open for the whole cluster, across restarts, until <see cref="CloseAsync"/>.</summary>
    /// <param name="reason">Why, for people to read. 1 to 512 characters.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be isolated all the same.</param>
    /// <exception cref="ArgumentException">The reason is empty or too long.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task IsolateAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>Holds the breaker by hand for the whole cluster, across restarts: open, closed, only measuring, or switched off.</summary>
    /// <param name="byHand">How, why, by whom and for how long.</param>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be held all the same.</param>
    /// <exception cref="ArgumentException">Something about it is empty, too long or out of bounds.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task HoldAsync(BreakerOverride byHand, CancellationToken cancellationToken = default);

    /// <summary>Closes the breaker for the whole cluster, whatever its state.</summary>
    /// <param name="cancellationToken">Ends the waiting; the breaker may be closed all the same.</param>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>The state now, then each change as this process hears of it. A slow reader skips to the latest.</summary>
    /// <param name="cancellationToken">Ends the sequence.</param>
    IAsyncEnumerable<BreakerState> WatchAsync(CancellationToken cancellationToken = default);
}
