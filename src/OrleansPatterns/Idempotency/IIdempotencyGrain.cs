using Orleans.Concurrency;

namespace OrleansPatterns.Idempotency;

/// <summary>One idempotent operation. Daily work goes through <see cref="IIdempotencyStore"/>; this is what that is made of.</summary>
/// <remarks>
/// Every change is durable before it is answered. Every method may be repeated with the same arguments when its answer was lost.
/// Get it with <see cref="IdempotencyGrainFactoryExtensions.GetIdempotencyGrain"/>.
/// </remarks>
[Alias("OrleansPatterns.IIdempotencyGrain")]
public interface IIdempotencyGrain : IGrainWithStringKey
{
    /// <summary>Asks to execute. Repeated with the same request id while that execution runs, it gives the same token and renews the lease.</summary>
    /// <param name="request">The wish.</param>
    /// <exception cref="ArgumentException">A member of the request is outside its bounds.</exception>
    [Alias("Begin")]
    Task<BeginReply> BeginAsync(BeginRequest request);

    /// <summary>Starts the lease of a running execution anew. An executor counts it from <em>before</em> it sent this.</summary>
    /// <param name="executionToken">The execution's token.</param>
    [Alias("Renew")]
    Task<ExecutionClaim> RenewAsync(long executionToken);

    /// <summary>Records the result, if the token is that of the current execution. Never replaces a result.</summary>
    /// <param name="request">The result.</param>
    /// <exception cref="ArgumentException">A member of the request is outside its bounds.</exception>
    [Alias("Complete")]
    Task<ExecutionClaim> CompleteAsync(CompleteRequest request);

    /// <summary>Records a failure as the result, if the token is that of the current execution. Never replaces a result.</summary>
    /// <param name="request">The failure.</param>
    /// <exception cref="ArgumentException">A member of the request is outside its bounds.</exception>
    [Alias("Fail")]
    Task<ExecutionClaim> FailAsync(FailRequest request);

    /// <summary>Ends a failed execution, so that the next caller may run at once.</summary>
    /// <param name="executionToken">The execution's token.</param>
    [Alias("Release")]
    Task<ExecutionClaim> ReleaseAsync(long executionToken);

    /// <summary>
    /// Ends an execution that was to be completed by a database transaction whose outcome its executor does not know: as completed when the
    /// transaction has committed; else the transaction is kept from ever committing and the key is free.
    /// </summary>
    /// <param name="executionToken">The execution's token.</param>
    /// <returns>
    /// <see cref="ExecutionClaim.Current"/>: decided, now or earlier. <see cref="ExecutionClaim.Stale"/>: another execution has the key, or the
    /// transaction is still open; then the lease's end decides.
    /// </returns>
    [Alias("Settle")]
    Task<ExecutionClaim> SettleAsync(long executionToken);

    /// <summary>Waits for the end of the running execution, and is answered in the moment in which that is written.</summary>
    /// <param name="fingerprint">As in <see cref="BeginRequest.Fingerprint"/>.</param>
    /// <param name="slice">Greater than zero, at most 2 seconds: an activation can only go between two waits.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>
    /// What became of the key: <see cref="BeginOutcome.Completed"/>, <see cref="BeginOutcome.Failed"/>, <see cref="BeginOutcome.Parked"/>,
    /// <see cref="BeginOutcome.Sealed"/>, <see cref="BeginOutcome.FingerprintMismatch"/>, or <see cref="BeginOutcome.InProgress"/> after the slice.
    /// <see langword="null"/>: nothing that waiting brings to light, so call <see cref="BeginAsync"/>.
    /// </returns>
    /// <exception cref="ArgumentException">An argument is outside its bounds.</exception>
    [Alias("Wait")]
    [AlwaysInterleave]
    Task<BeginReply?> WaitAsync(string fingerprint, TimeSpan slice, CancellationToken cancellationToken = default);

    /// <summary>Where the key stands.</summary>
    [Alias("GetStatus")]
    Task<IdempotencyStatus> GetStatusAsync();

    /// <summary>For operators: frees a parked key, so that the next caller may run; a late report of the lost executor is then refused.</summary>
    /// <param name="executionToken">The lost execution.</param>
    /// <returns>Whether the key is free of that execution, now or since an earlier attempt. When it is not, nothing changed.</returns>
    [Alias("Free")]
    Task<bool> FreeAsync(long executionToken);

    /// <summary>For operators: gives a parked key, or one whose executor's lease has ended, its result.</summary>
    /// <param name="request">The result, with the token of the lost execution.</param>
    /// <returns>Whether this result holds, now or since an earlier attempt. When it does not, nothing changed.</returns>
    /// <exception cref="ArgumentException">A member of the request is outside its bounds.</exception>
    [Alias("Resolve")]
    Task<bool> ResolveAsync(CompleteRequest request);

    /// <summary>
    /// Closes the key, unless an executor is at work: nothing begins under it until the seal ends, whoever asks, and late reports of earlier
    /// executions are refused. A result or a remembered failure that is there stays and is kept for as long. Repeated, it answers as at first.
    /// </summary>
    /// <param name="request">For how long.</param>
    /// <exception cref="ArgumentException">A member of the request is outside its bounds.</exception>
    [Alias("Seal")]
    Task<SealReply> SealAsync(SealRequest request);
}
