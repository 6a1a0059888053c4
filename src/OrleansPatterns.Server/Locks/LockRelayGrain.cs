using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Cluster;

namespace OrleansPatterns.Server.Locks;

/// <summary>Passes the renewals of a process on to the locks, which are on this silo unless they have just moved.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "lock-relay")]
[Reentrant]
[NamedSiloPlacement]
internal sealed class LockRelayGrain(IGrainFactory grains, TimeProvider time) : Grain, ILockRelayGrain
{
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(1);

    public async Task<ImmutableArray<LockRenewalReply>> RenewAsync(ImmutableArray<RelayedRenewal> renewals)
    {
        var replies = renewals.Select(renewal => grains.GetLockGrain(renewal.Key).RenewAsync(renewal.Renewal)).ToList();
        Task all = Task.WhenAll(replies);
        await all.WaitAsync(PatienceFor(renewals), time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return [.. replies.Select(OutcomeOf)];
    }

    /// <summary>One lock that waits for its database must not cost the others their leases, so all get their answers well before the next attempt.</summary>
    private static TimeSpan PatienceFor(ImmutableArray<RelayedRenewal> renewals)
    {
        var patience = renewals.Min(renewal => renewal.Renewal.Lease) / 6;
        return patience < MaxPatience ? patience : MaxPatience;
    }

    private static LockRenewalReply OutcomeOf(Task<LockRenewalReply> reply)
    {
        if (reply.IsCompletedSuccessfully)
        {
            return reply.Result;
        }

        _ = reply.ContinueWith(
            static late => _ = late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return new LockRenewalReply { Outcome = RenewOutcome.Unknown };
    }
}
