using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <summary>Renews many locks of one process by one call; sits on the silo that its key names, where those locks are.</summary>
[Alias("OrleansPatterns.ILockRelayGrain")]
internal interface ILockRelayGrain : IGrainWithStringKey
{
    /// <summary>Passes every renewal on to its lock, wherever that is by now.</summary>
    /// <param name="renewals">Grain keys and renewals.</param>
    /// <returns>An answer for each, in the same order. Those whose locks did not answer within a sixth of their leases (at most a second) are <see cref="RenewOutcome.Unknown"/>.</returns>
    [Alias("Renew")]
    Task<ImmutableArray<LockRenewalReply>> RenewAsync(ImmutableArray<RelayedRenewal> renewals);
}
