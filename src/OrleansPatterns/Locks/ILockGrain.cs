using Orleans.Concurrency;

namespace OrleansPatterns.Locks;

/// <summary>One lock. Daily work goes through <see cref="Medallion.Threading.IDistributedLockProvider"/>; this is for those who want the grain itself.</summary>
/// <remarks>
/// <para>
/// Get it with <see cref="LockGrainFactoryExtensions.GetLockGrain"/>. Every call may be repeated with the same arguments. Grants, renewals and
/// releases are durable before they are answered, and fencing tokens grow by each grant for as long as the lock's row exists.
/// </para>
/// <para>
/// A holder counts its lease on its own monotonic clock from <em>before</em> it sent the call that was answered with
/// <see cref="LockOutcome.Granted"/> or <see cref="RenewOutcome.Renewed"/>. Counted like that, no two holders are ever unexpired at the same
/// instant, whatever silos crash, pause or run twice, while clocks run at rates within 1 % of each other. The clocks' readings do not matter.
/// </para>
/// <para>
/// A lock granted after waiting is provisional: it passes on unless <see cref="RenewAsync"/> confirms it within 2 seconds, and the lease counts
/// from before that call was sent.
/// </para>
/// </remarks>
[Alias("OrleansPatterns.ILockGrain")]
public interface ILockGrain : IGrainWithStringKey
{
    /// <summary>Asks for the lock, and renews it for a request that holds it already.</summary>
    /// <param name="request">Who asks, and for how long. Repeat it with the same <see cref="LockRequest.RequestId"/>.</param>
    /// <returns><see cref="LockOutcome.Granted"/>, <see cref="LockOutcome.Queued"/> or <see cref="LockOutcome.Busy"/>.</returns>
    /// <exception cref="ArgumentException">A member of the request is out of its bounds.</exception>
    [Alias("Acquire")]
    Task<LockReply> AcquireAsync(LockRequest request);

    /// <summary>Waits until a queued request stands otherwise, for one slice of time at most.</summary>
    /// <remarks>A waiter that is silent for more than 6 seconds after its slice is taken for dead and leaves the queue.</remarks>
    /// <param name="requestId">The request that was answered with <see cref="LockOutcome.Queued"/>.</param>
    /// <param name="slice">How long to wait before answering <see cref="LockOutcome.Queued"/>. Greater than zero, at most 10 seconds.</param>
    /// <returns>
    /// <see cref="LockOutcome.Granted"/>: confirm it now. <see cref="LockOutcome.Queued"/>: call again. <see cref="LockOutcome.Unknown"/>: send
    /// <see cref="AcquireAsync"/> again with <see cref="LockRequest.WaitedFor"/>, by which the request keeps its place.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The slice is out of its bounds.</exception>
    [AlwaysInterleave]
    [Alias("Wait")]
    Task<LockReply> WaitAsync(Guid requestId, TimeSpan slice);

    /// <summary>Prolongs a hold, and confirms one that was granted after waiting.</summary>
    /// <param name="requestId">The request that holds the lock.</param>
    /// <param name="token">The token it was granted.</param>
    /// <param name="lease">How long the hold lasts from now on. 1 second to 10 minutes; never shortens what was promised before.</param>
    /// <returns>
    /// <see cref="RenewOutcome.NotHolder"/>, and no effect, unless request and token are those of the unexpired holder. A fault says nothing
    /// about the hold: it is unknown, not lost.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The lease is out of its bounds.</exception>
    [Alias("Renew")]
    Task<RenewOutcome> RenewAsync(Guid requestId, long token, TimeSpan lease);

    /// <summary>Gives the lock back; the first waiter gets it.</summary>
    /// <param name="requestId">The request that holds the lock.</param>
    /// <param name="token">The token it was granted.</param>
    /// <returns><see cref="ReleaseOutcome.NotHolder"/>, and no effect, unless request and token are those of the unexpired holder.</returns>
    [Alias("Release")]
    Task<ReleaseOutcome> ReleaseAsync(Guid requestId, long token);

    /// <summary>Withdraws a request: it leaves the queue, or releases the lock if it was granted in the meantime.</summary>
    /// <param name="requestId">The request. One that is not known is remembered as withdrawn, in case it is still under way.</param>
    [Alias("Cancel")]
    Task CancelAsync(Guid requestId);

    /// <summary>Shows the lock to people, as of the last durable change that this silo knows of.</summary>
    [AlwaysInterleave]
    [Alias("GetStatus")]
    Task<LockStatus> GetStatusAsync();
}
