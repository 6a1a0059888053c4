using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <summary>The grains, as a process that takes locks calls them.</summary>
internal interface ILockTransport
{
    Task<LockReply> AcquireAsync(string key, LockRequest request);

    Task<LockRenewalReply> RenewAsync(string key, LockRenewal renewal);

    /// <param name="silo">Where the locks were last heard of; <see langword="null"/>: not known, and then it is one.</param>
    /// <param name="renewals">What to renew there.</param>
    Task<ImmutableArray<LockRenewalReply>> RenewAsync(string? silo, ImmutableArray<RelayedRenewal> renewals);

    /// <summary>Sends a release; nobody answers.</summary>
    Task ReleaseAsync(string key, LockRelease release);

    Task CancelAsync(string key, Guid requestId);

    /// <summary>What a grain can call. The observer itself has to be kept alive by its owner.</summary>
    ILockObserver Reference(ILockObserver observer);
}
