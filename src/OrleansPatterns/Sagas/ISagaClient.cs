using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

/// <summary>Starts, follows and steers sagas.</summary>
/// <remarks>
/// Ids are 1 to 512 characters, see <see cref="ResourceKey"/>; others are refused with <see cref="ArgumentException"/>. Every call may be
/// repeated; one that ends in <see cref="ClusterUnavailableException"/> may have taken effect.
/// </remarks>
public interface ISagaClient
{
    /// <summary>Starts a saga, and returns as soon as that is durable: it then runs to its end, whatever crashes.</summary>
    /// <remarks>
    /// Idempotent by id: the same definition and data again give the same saga, however far it has come. Data is the same if its JSON is,
    /// so give it no members without a fixed order.
    /// </remarks>
    /// <param name="sagaId">The id, for instance that of the order.</param>
    /// <param name="data">The data that the steps start with.</param>
    /// <param name="cancellationToken">Stops waiting; the saga may be started all the same.</param>
    /// <typeparam name="TSaga">The definition. Only its name counts, see <see cref="SagaNameAttribute"/>.</typeparam>
    /// <typeparam name="TData">What the steps share.</typeparam>
    /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
    /// <exception cref="SagaDataTooLargeException">The data is over <see cref="SagaOptions.MaxDataBytes"/>.</exception>
    /// <exception cref="UnknownSagaException">The definition is not registered in the cluster. Nothing was written.</exception>
    /// <exception cref="SagaConflictException">The id belongs to a saga with another definition or other data.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> StartAsync<TSaga, TData>(string sagaId, TData data, CancellationToken cancellationToken = default)
        where TSaga : Saga<TData>
        where TData : class;

    /// <summary>Waits until the saga is completed, compensated or stuck; for hours if need be. Nothing is polled.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Ends the waiting, not the saga.</param>
    /// <returns>
    /// The status at that time. Look at <see cref="SagaStatus.Phase"/>: that the saga has ended does not mean that it is completed.
    /// </returns>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> WaitForCompletionAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>The saga as it stands. Never waits for a step.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> GetStatusAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Has what the saga did undone. Returns as soon as the wish is durable.</summary>
    /// <remarks>
    /// The running step's token fires. What it answers still counts: done, it is compensated like those before it; rejected, it is not;
    /// anything else is unknown and compensated. A saga that has completed, or is being undone already, stays as it is; one that is stuck
    /// going forward is undone. A compensation itself cannot be cancelled.
    /// </remarks>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting; the saga may be cancelled all the same.</param>
    /// <returns>The status afterwards.</returns>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> CancelAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Makes a stuck saga go on where it stopped, with all its attempts anew. No effect on one that is not stuck.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting; the saga may go on all the same.</param>
    /// <returns>The status afterwards.</returns>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> RetryAsync(string sagaId, CancellationToken cancellationToken = default);
}
