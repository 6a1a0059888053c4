using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

/// <summary>What others than callers do with keys: look, decide about parked ones, and close them. Every call may be repeated.</summary>
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

    /// <summary>
    /// Closes a key before its operation is undone or given up, and tells whether there is anything to undo: a call that was under way and comes
    /// later is refused with <see cref="IdempotencySealedException"/> instead of running after all.
    /// </summary>
    /// <remarks>
    /// <para>Once the answer is another than <see cref="SealOutcome.InProgress"/>, no execution begins until the seal ends, whatever its payload; none that
    /// was lost can report any more, nor complete in a database transaction; and repeating the call answers the same and prolongs the seal.</para>
    /// <para>What the seal does not reach is an executor that was lost and works on regardless of its cancellation: after
    /// <see cref="SealOutcome.Abandoned"/> its effect may still come. The key knows what it remembers: a result whose retention has ended and whose
    /// row has gone counts as <see cref="SealOutcome.Unused"/>, so retention has to outlast the wish to undo.</para>
    /// </remarks>
    /// <param name="key">The operation.</param>
    /// <param name="retention">
    /// How long, at least, the key stays closed or its result is kept: longer than any call can be late. Greater than zero, at most 366 days.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the key may be sealed all the same.</param>
    /// <exception cref="ArgumentException">The retention is outside its bounds.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the key was sealed is unknown.</exception>
    Task<SealReply> SealAsync(IdempotencyKey key, TimeSpan retention, CancellationToken cancellationToken = default);
}
