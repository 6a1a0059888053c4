using Orleans.Concurrency;

namespace OrleansPatterns.Locks;

/// <summary>
/// One lock, reader-writer lock or semaphore. Daily work goes through <see cref="Medallion.Threading.IDistributedLockProvider"/> and its
/// siblings, operators' through <see cref="ILockOperations"/>; this is for those who want the grain itself.
/// </summary>
/// <remarks>
/// <para>
/// Get it with <see cref="LockGrainFactoryExtensions.GetLockGrain"/>. Every call may be repeated with the same arguments. Fencing tokens grow
/// by each grant for as long as the lock's row exists; after a crash some are left out.
/// </para>
/// <para>
/// A holder counts its lease on its own monotonic clock from <em>before</em> it sent the call that was answered with
/// <see cref="LockOutcome.Granted"/> (<see cref="LockReply.Lease"/>) or <see cref="RenewOutcome.Renewed"/> (<see cref="LockRenewal.Lease"/>).
/// Once its count is over the holder is lost for good, whatever is answered later. Counted like that, no two holders that exclude each other
/// are ever unexpired at the same instant, whatever silos crash, pause or run twice, while clocks run at rates within 1 % of each other and
/// the database server's clock is not set forward by hand.
/// </para>
/// <para>
/// With <see cref="LockDurability.Leased"/> grants, renewals and releases are decided in memory, under a claim on the lock that is written
/// ahead; see <see cref="LockOptions"/>. <see cref="LockUnavailableException"/> from any call: the claim could not be written, and nothing was granted.
/// </para>
/// </remarks>
[Alias("OrleansPatterns.ILockGrain")]
public interface ILockGrain : IGrainWithStringKey
{
    /// <summary>Asks for the lock, waits in its queue for <see cref="LockRequest.WaitFor"/>, and renews it for a request that holds it already.</summary>
    /// <remarks>
    /// First come, first served; readers at the head of the queue go in together, and none overtakes a waiting writer. A waiter that is silent
    /// for more than 6 seconds after its call ended is taken for dead and leaves the queue. A grant after waiting is provisional: it passes on
    /// unless <see cref="RenewAsync"/> confirms it within 2 seconds.
    /// </remarks>
    /// <param name="request">Who asks, for what and for how long. Repeat it with the same <see cref="LockRequest.RequestId"/>.</param>
    /// <returns>
    /// <see cref="LockOutcome.Granted"/>; <see cref="LockOutcome.Queued"/>: call again with the same id and the time waited so far in
    /// <see cref="LockRequest.WaitedFor"/>, by which the request keeps its place even if the silo has crashed; or <see cref="LockOutcome.Busy"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A member of the request is out of its bounds.</exception>
    /// <exception cref="LockKindException">The lock is in use as something else: as a semaphore (of another size), or not as one.</exception>
    [Alias("Acquire")]
    Task<LockReply> AcquireAsync(LockRequest request);

    /// <summary>Prolongs a hold, confirms one that was granted after waiting, and makes it known to a silo that has taken the lock over.</summary>
    /// <param name="renewal">What was granted.</param>
    /// <returns>
    /// <see cref="RenewOutcome.NotHolder"/>, and no effect, unless the renewal is that of an unexpired holder. A fault says nothing about the
    /// hold: it is unknown, not lost.
    /// </returns>
    /// <exception cref="ArgumentException">A member of the renewal is out of its bounds.</exception>
    [Alias("Renew")]
    Task<LockRenewalReply> RenewAsync(LockRenewal renewal);

    /// <summary>Gives the lock back; those who wait and may hold it now get it.</summary>
    /// <param name="requestId">The request that holds the lock.</param>
    /// <param name="fencingToken">The token it was granted.</param>
    /// <returns><see cref="ReleaseOutcome.NotHolder"/>, and no effect, unless request and token are those of a holder.</returns>
    [Alias("Release")]
    Task<ReleaseOutcome> ReleaseAsync(Guid requestId, long fencingToken);

    /// <summary>As <see cref="ReleaseAsync"/> and half as expensive: nobody is told how it ended, and one that gets lost heals when the lease ends.</summary>
    /// <param name="requestId">The request that holds the lock.</param>
    /// <param name="fencingToken">The token it was granted.</param>
    [OneWay]
    [Alias("ReleaseOneWay")]
    Task ReleaseOneWayAsync(Guid requestId, long fencingToken);

    /// <summary>
    /// Withdraws a request: it leaves the queue, or releases the lock if it was granted in the meantime. A withdrawn upgrade leaves its holder
    /// with the upgradeable read that it had.
    /// </summary>
    /// <param name="requestId">The request. One that is not known is remembered as withdrawn, in case it is still under way.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    [Alias("Cancel")]
    Task CancelAsync(Guid requestId);

    /// <summary>Takes the lock from its holders by an operator's order, durably, and hands it on at once.</summary>
    /// <remarks>
    /// The broken holders may be at work still. They are told at once where they can be reached, their renewals are refused, and their fencing
    /// tokens are lower than those of whoever comes after them, which is what a protected resource has to check.
    /// </remarks>
    /// <param name="fencingToken">The token of the hold to break; 0: every hold of the lock, at the moment at which this comes, however late.</param>
    /// <param name="andEarlier">Whether all holds with lower tokens are broken, too.</param>
    /// <returns>How many holds were broken.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The token is negative.</exception>
    [Alias("Break")]
    Task<int> BreakAsync(long fencingToken, bool andEarlier = false);

    /// <summary>Shows the lock to people.</summary>
    [Alias("GetStatus")]
    Task<LockStatus> GetStatusAsync();
}
