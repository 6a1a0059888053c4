namespace OrleansPatterns.Idempotency;

/// <summary>Runs operations that callers may repeat, and makes each take effect once.</summary>
/// <remarks>
/// <para>
/// What holds: the claim to a key is durable before its work begins. A key has at most one result within its retention, and everyone gets that
/// one. Only the current executor can record it: one that was paused and overtaken is refused.
/// </para>
/// <para>
/// What does not: an executor that dies leaves work half done. By default the next caller then runs it again after the lease
/// (<see cref="OnExecutorLost.Rerun"/>, at least once); with <see cref="OnExecutorLost.Park"/> an operator decides.
/// </para>
/// </remarks>
public interface IIdempotencyStore
{
    /// <summary>Runs the work, or answers with the result of the execution that did.</summary>
    /// <typeparam name="T">The result; stored as JSON by System.Text.Json with its default options.</typeparam>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload: equal for equal payloads, as a hash is. 1 to 512 characters.</param>
    /// <param name="work">
    /// The work. Its token fires when <paramref name="cancellationToken"/> does and when the execution is lost, because the lease could not be
    /// renewed or another caller took over. Whatever it throws, cancellation included, frees the key and goes to the caller.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting for another execution and cancels the work. A result that is there is recorded all the same.</param>
    /// <returns>The result, the caller's own or the remembered one.</returns>
    /// <exception cref="ArgumentException">The fingerprint is empty or too long.</exception>
    /// <exception cref="IdempotencyInProgressException">Another execution ran for all of <see cref="IdempotencyOptions.WaitForResult"/>.</exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used with another payload; also while that still runs.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencyExecutionLostException">
    /// The execution was lost while the work ran: the work was cancelled, or its result was refused because another caller had taken over.
    /// </exception>
    /// <exception cref="IdempotencyNullResultException">The work returned <see langword="null"/>; the key is free again.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">The work is done, and its result is too large to be remembered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">
    /// The cluster did not answer. When the work had already run, whether its result was recorded is unknown: repeat the call with the same key.
    /// </exception>
    Task<T> ExecuteAsync<T>(
        IdempotencyKey key, string fingerprint, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default);

    /// <summary>The same in two halves, with the result as bytes: for adapters that keep their own format, as the Idempotency-Key header does.</summary>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload. 1 to 512 characters.</param>
    /// <param name="cancellationToken">Ends the waiting; should the execution just have begun, it is given up again.</param>
    /// <returns>An execution, which the caller must complete or dispose, or the result of the one that was completed.</returns>
    /// <exception cref="ArgumentException">The fingerprint is empty or too long.</exception>
    /// <exception cref="IdempotencyInProgressException">Another execution ran for all of <see cref="IdempotencyOptions.WaitForResult"/>.</exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used with another payload.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">The work was done, and its result was too large to be remembered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<IdempotencyBeginning> BeginAsync(IdempotencyKey key, string fingerprint, CancellationToken cancellationToken = default);

    /// <summary>An inbox: begins to handle a message, unless it has been handled or is being handled.</summary>
    /// <remarks>
    /// The message's id stands for its content, so nothing is compared. A key that was used with
    /// <see cref="ExecuteAsync{T}"/> or <see cref="BeginAsync"/> is refused as a mismatch.
    /// </remarks>
    /// <param name="messageId">The message; a string is a key in the default scope.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; should the execution just have begun, it is given up again.</param>
    /// <returns>
    /// An execution, which the caller must complete or dispose; <see langword="null"/>: do not handle the message. While another consumer is at
    /// it, that one may still fail, so redelivery has to go on until the message was handled.
    /// </returns>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used for something that is not a message.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<IdempotentExecution?> TryBeginAsync(IdempotencyKey messageId, CancellationToken cancellationToken = default);
}
