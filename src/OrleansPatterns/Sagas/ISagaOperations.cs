using OrleansPatterns.Cluster;

namespace OrleansPatterns.Sagas;

/// <summary>What operators do with sagas: find them, and make those go on that are stuck or parked. Who and why is kept in the history.</summary>
/// <remarks>
/// Every call may be repeated; one that ends in <see cref="ClusterUnavailableException"/> may have taken effect. <c>by</c> has 1 to 200 characters and
/// <c>reason</c> 1 to 1,000; others are refused with <see cref="ArgumentException"/>. A call that does not fit where the saga stands is refused with
/// <see cref="SagaInterventionRefusedException"/>, and one about a saga that does not exist with <see cref="SagaNotFoundException"/>.
/// </remarks>
public interface ISagaOperations
{
    /// <summary>Lists sagas, the most recently changed first.</summary>
    /// <param name="query">Which; <see langword="null"/> (default): the latest 100.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">A member of <paramref name="query"/> is outside its bounds.</exception>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<IReadOnlyList<SagaListing>> ListAsync(SagaQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>The data of a saga as JSON, as the last step that succeeded left it.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<string> GetDataAsync(string sagaId, CancellationToken cancellationToken = default);

    /// <summary>Makes a stuck or parked saga go on where it stopped, in the same direction, with all its attempts anew.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="by">Who decided it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The status afterwards.</returns>
    Task<SagaStatus> RetryAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has a step passed over, because somebody has seen to it otherwise. Going forward, the step counts as not to be done and not to be undone;
    /// backward, its compensation does. A stuck or parked saga goes on; while a saga is under way, a step can be skipped that waits: for a signal, a delay, or
    /// its next attempt.
    /// </summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="step">The step, at which the saga must be, and no attempt of which may be under way.</param>
    /// <param name="by">Who decided it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The status afterwards.</returns>
    Task<SagaStatus> SkipAsync(string sagaId, string step, string by, string reason, CancellationToken cancellationToken = default);

    /// <summary>Has a saga undone that is stuck or parked while going forward and has not passed its pivot.</summary>
    /// <remarks>Where nobody knows whether the pivot has happened, and it has no compensation, this says that it has not.</remarks>
    /// <param name="sagaId">The id.</param>
    /// <param name="by">Who decided it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The status afterwards.</returns>
    Task<SagaStatus> CompensateAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default);

    /// <summary>Ends a saga as it is: what was done, or may have been, stands. No attempt may be under way.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="by">Who decided it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The status afterwards.</returns>
    Task<SagaStatus> GiveUpAsync(string sagaId, string by, string reason, CancellationToken cancellationToken = default);
}
