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
    /// Idempotent by id: the same definition and data again give the same saga, however far it has come, until it is removed
    /// <see cref="SagaOptions.Retention"/> after its end. Data is the same if its JSON is, so give it no members without a fixed order.
    /// </remarks>
    /// <param name="sagaId">The id, for instance that of the order.</param>
    /// <param name="data">The data that the steps start with.</param>
    /// <param name="cancellationToken">Stops waiting; the saga may be started all the same.</param>
    /// <typeparam name="TSaga">The definition. Only its name counts, see <see cref="SagaNameAttribute"/>.</typeparam>
    /// <typeparam name="TData">What the steps share.</typeparam>
    /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
    /// <exception cref="SagaDataTooLargeException">The data is over <see cref="SagaOptions.MaxDataBytes"/>.</exception>
    /// <exception cref="SagaDataInvalidException">The data is not of the type that the definition has on the silos. Nothing was written.</exception>
    /// <exception cref="UnknownSagaException">The definition is not registered in the cluster. Nothing was written.</exception>
    /// <exception cref="SagaConflictException">The id belongs to a saga with another definition or other data.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> StartAsync<TSaga, TData>(string sagaId, TData data, CancellationToken cancellationToken = default)
        where TSaga : Saga<TData>
        where TData : class;

    /// <summary>Waits until the saga has ended or needs an operator; for days if need be. Nothing is polled.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Ends the waiting, not the saga.</param>
    /// <returns>
    /// The status at that time. Look at <see cref="SagaStatus.Phase"/>: that the saga has ended does not mean that it is completed.
    /// </returns>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> WaitForCompletionAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Waits until the saga is completed, and returns its result.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Ends the waiting, not the saga.</param>
    /// <typeparam name="TResult">
    /// What <see cref="ISagaBuilder{TData}.Result"/> gives, or where the definition has none, its data.
    /// </typeparam>
    /// <exception cref="SagaNotCompletedException">It came to another end, or needs an operator.</exception>
    /// <exception cref="System.Text.Json.JsonException">The result is not a <typeparamref name="TResult"/>.</exception>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<TResult> WaitForResultAsync<TResult>(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>The saga as it stands. Never waits for a step.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> GetStatusAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Every attempt with times, error and silo, and what else happened to the saga.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaHistory> GetHistoryAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Gives a saga a signal that a step of it waits for, now or later. Returns as soon as that is durable.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="signal">The signal's name, see <see cref="ISagaSteps{TData}.WaitFor"/>.</param>
    /// <param name="payload">What comes with it.</param>
    /// <param name="signalId">
    /// Tells a repeated call from a second signal; <see langword="null"/> (default): this call is one of its own. Give one where the call itself may be
    /// repeated, for instance by a message that is delivered twice.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the signal may be taken all the same.</param>
    /// <typeparam name="TSignal">The type that the step waits for.</typeparam>
    /// <returns>The status afterwards.</returns>
    /// <exception cref="SagaSignalRefusedException">The saga does not take it; <see cref="SagaSignalRefusedException.Outcome"/> says why.</exception>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> SignalAsync<TSignal>(
        string sagaId, string signal, TSignal payload, Guid? signalId = null, CancellationToken cancellationToken = default)
        where TSignal : class;

    /// <summary>Gives a saga a signal that says nothing but its name.</summary>
    /// <inheritdoc cref="SignalAsync{TSignal}"/>
    Task<SagaStatus> SignalAsync(string sagaId, string signal, Guid? signalId = null, CancellationToken cancellationToken = default) =>
        SignalAsync(sagaId, signal, new SagaNoPayload(), signalId, cancellationToken);

    /// <summary>Has what the saga did undone. Returns as soon as the wish is durable.</summary>
    /// <remarks>
    /// The running steps' tokens fire. What they answer still counts: done, a step is compensated like those before it; rejected, it is not; anything
    /// else is unknown and compensated. While the pivot runs, its token does not fire, and its outcome decides. A saga that is being undone
    /// already stays as it is; one that is stuck or parked going forward is undone, unless it is so at its pivot: then an operator has to say whether that has
    /// happened. A compensation itself cannot be cancelled.
    /// </remarks>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting; the saga may be cancelled all the same.</param>
    /// <returns>The status afterwards.</returns>
    /// <exception cref="SagaCannotBeCancelledException">It is past its pivot, completed or given up.</exception>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<SagaStatus> CancelAsync(string sagaId, CancellationToken cancellationToken = default);
}
