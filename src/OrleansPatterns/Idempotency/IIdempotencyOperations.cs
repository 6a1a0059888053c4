using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

/// <summary>What operators do with keys: look, and decide about parked ones. Every call may be repeated.</summary>
/// <remarks>
/// Parked keys are listed in the catalog, under the pattern <c>idempotency</c> and the status <c>Parked</c>. A key is parked when it is asked for after its
/// executor was lost; until then nobody knows of it.
/// </remarks>
public interface IIdempotencyOperations
{
    /// <summary>Where a key stands.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer.</exception>
    Task<IdempotencyStatus> GetStatusAsync(IdempotencyKey key, CancellationToken cancellationToken = default);

    /// <summary>Frees a parked key after it was found out that the work took no effect: the next caller runs it.</summary>
    /// <remarks>A late report of the lost executor is refused from then on.</remarks>
    /// <param name="key">The operation.</param>
    /// <param name="executionToken">The lost execution, as <see cref="GetStatusAsync"/> and <see cref="IdempotencyParkedException"/> show it.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the key may be freed all the same.</param>
    /// <returns>
    /// Whether the key is free of that execution, now or since an earlier attempt. When it is not, because it is not lost, has a result, or its
    /// transaction has committed or is still open, nothing changed.
    /// </returns>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the key was freed is unknown.</exception>
    Task<bool> FreeAsync(IdempotencyKey key, long executionToken, CancellationToken cancellationToken = default);

    /// <summary>Gives a parked key its result after it was found out that the work did take effect: every caller gets it.</summary>
    /// <remarks>For keys of <see cref="IIdempotencyStore.ExecuteAsync"/>. What HTTP endpoints and grain methods remember has a form of its own.</remarks>
    /// <typeparam name="T">The type that the callers' work returns.</typeparam>
    /// <param name="key">The operation.</param>
    /// <param name="executionToken">The lost execution, as <see cref="GetStatusAsync"/> shows it.</param>
    /// <param name="result">The result.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the result may be recorded all the same.</param>
    /// <returns>Whether the result holds, now or since an earlier attempt. When it does not, nothing changed.</returns>
    /// <exception cref="IdempotencyResultTooLargeException">The result is over <see cref="IdempotencyOptions.MaxResultBytes"/>; nothing changed.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the result was recorded is unknown.</exception>
    Task<bool> CompleteAsync<T>(IdempotencyKey key, long executionToken, T result, CancellationToken cancellationToken = default);
}
