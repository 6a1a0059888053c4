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

    /// <summary>Ends a failed execution, so that the next caller may run at once.</summary>
    /// <param name="executionToken">The execution's token.</param>
    [Alias("Release")]
    Task<ExecutionClaim> ReleaseAsync(long executionToken);

    /// <summary>
    /// Returns when no execution runs any more, or after <paramref name="slice"/>; also earlier. Call <see cref="BeginAsync"/> to see what became
    /// of it.
    /// </summary>
    /// <param name="slice">Greater than zero, at most 10 seconds, so that it ends well within Orleans' response timeout.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slice is outside its bounds.</exception>
    [Alias("Wait")]
    [AlwaysInterleave]
    Task WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default);

    /// <summary>For operators: frees a parked key, so that the next caller may run; a late report of the lost executor is then refused.</summary>
    /// <returns>Whether the key was parked. When it was not, nothing changed.</returns>
    [Alias("Free")]
    Task<bool> FreeAsync();
}
