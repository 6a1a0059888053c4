namespace OrleansPatterns.Idempotency;

/// <summary>Runs operations that callers may repeat, and makes each take effect once.</summary>
/// <remarks>
/// <para>
/// What holds: the claim to a key is durable before its work begins. A key has at most one result within its retention, and everyone gets that
/// one. Only the current executor can record it: one that was paused and overtaken is refused.
/// </para>
/// <para>
/// What does not: an executor that dies leaves work half done. By default the next caller then runs it again after the lease
/// (<see cref="OnAbandoned.Retry"/>, at least once); with <see cref="OnAbandoned.Park"/> an operator decides. Where the effect is a change in the
/// cluster's own PostgreSQL database, effect and result can be committed together (<c>ExecuteInTransactionAsync</c> of OrleansPatterns.Postgres).
/// </para>
/// </remarks>
public interface IIdempotencyStore
{
    /// <summary>Runs the work, or answers with the result of the execution that did.</summary>
    /// <typeparam name="T">The result; stored as JSON by System.Text.Json. May be <see langword="null"/>.</typeparam>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload; a string is taken as it is.</param>
    /// <param name="work">
    /// The work. Its token fires when <paramref name="cancellationToken"/> does and when the execution is lost, because the lease could not be
    /// renewed or another caller took over. What it throws, cancellation included, frees the key and goes to the caller, unless
    /// <see cref="IdempotencyOptions.OnFailure"/> says <see cref="OnFailure.Remember"/>. A result that cannot be serialized counts as a failure that
    /// is remembered, since the work has taken effect.
    /// </param>
    /// <param name="options">For this call; <see langword="null"/> (default): the configured ones.</param>
    /// <param name="cancellationToken">Ends the waiting for another execution and cancels the work. A result that is there is recorded all the same.</param>
    /// <returns>The result, the caller's own or the remembered one.</returns>
    /// <exception cref="ArgumentException">The options are outside their bounds.</exception>
    /// <exception cref="InvalidOperationException">The key or the fingerprint is <c>default</c>.</exception>
    /// <exception cref="IdempotencyInProgressException">Another execution ran for all of <see cref="IdempotencyOptions.WaitForResult"/>.</exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used with another payload; also while that still runs.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencySealedException">The operation was given up, and its key closed to late calls.</exception>
    /// <exception cref="IdempotencyFailedException">The work failed, now or earlier, and its failure is remembered.</exception>
    /// <exception cref="IdempotencyExecutionLostException">
    /// The execution was lost while the work ran: the work was cancelled, or its result was refused because another caller had taken over.
    /// </exception>
    /// <exception cref="IdempotencyResultTooLargeException">The work is done, and its result is too large to be remembered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">
    /// The cluster did not answer. When the work had already run, whether its result was recorded is unknown: repeat the call with the same key.
    /// </exception>
    Task<T> ExecuteAsync<T>(
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        Func<CancellationToken, Task<T>> work,
        IdempotencyOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>The same in parts, with the result as bytes: for adapters that keep their own format, as the Idempotency-Key header does.</summary>
    /// <param name="key">The operation; a string is a key in the default scope.</param>
    /// <param name="fingerprint">Stands for the payload; a string is taken as it is.</param>
    /// <param name="options">For this call; <see langword="null"/> (default): the configured ones.</param>
    /// <param name="cancellationToken">Ends the waiting; should the execution just have begun, it is given up again.</param>
    /// <returns>An execution, which the caller must complete, fail or dispose, or the result of the one that was completed.</returns>
    /// <exception cref="ArgumentException">The options are outside their bounds.</exception>
    /// <exception cref="InvalidOperationException">The key or the fingerprint is <c>default</c>.</exception>
    /// <exception cref="IdempotencyInProgressException">Another execution ran for all of <see cref="IdempotencyOptions.WaitForResult"/>.</exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used with another payload.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencySealedException">The operation was given up, and its key closed to late calls.</exception>
    /// <exception cref="IdempotencyFailedException">The work failed earlier, and its failure is remembered.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">The work was done, and its result was too large to be remembered.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<IdempotencyBeginning> BeginAsync(
        IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>An inbox: begins to handle a message, unless it has been handled.</summary>
    /// <remarks>
    /// <para>The message's id stands for its content, so nothing is compared. A key that was used with <see cref="ExecuteAsync{T}"/> or
    /// <see cref="BeginAsync"/> is refused as a mismatch. Remembered for <see cref="IdempotencyOptions.InboxRetention"/>.</para>
    /// <para>Acknowledge the message when it was handled, here or earlier, and only then: an exception says that redelivery has to go on.</para>
    /// </remarks>
    /// <param name="messageId">The message; a string is a key in the default scope. Give each consumer a scope of its own.</param>
    /// <param name="options">For this call; <see langword="null"/> (default): the configured ones.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; should the execution just have begun, it is given up again.</param>
    /// <returns>
    /// An execution, which the caller must complete, fail or dispose; <see langword="null"/>: the message was handled, so acknowledge it.
    /// </returns>
    /// <exception cref="ArgumentException">The options are outside their bounds.</exception>
    /// <exception cref="InvalidOperationException">The key is <c>default</c>.</exception>
    /// <exception cref="IdempotencyInProgressException">
    /// Another consumer is handling it, and may still fail: let it be redelivered, after <see cref="IdempotencyInProgressException.RetryAfter"/>.
    /// </exception>
    /// <exception cref="IdempotencyFingerprintMismatchException">The key was used for something that is not a message.</exception>
    /// <exception cref="IdempotencyParkedException">An earlier executor was lost, and the key waits for an operator.</exception>
    /// <exception cref="IdempotencySealedException">The operation was given up, and its key closed: a message to drop, or for the dead letters.</exception>
    /// <exception cref="IdempotencyFailedException">Handling failed earlier, and the failure is remembered: a message for the dead letters.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<IdempotentExecution?> TryBeginAsync(
        IdempotencyKey messageId, IdempotencyOptions? options = null, CancellationToken cancellationToken = default);
}
