using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Cluster;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Passes the heartbeats of a process on to the lists, which are on this silo unless they have just moved.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "service-relay")]
[Reentrant]
[NamedSiloPlacement]
internal sealed class ServiceRelayGrain(IGrainFactory grains, TimeProvider time) : Grain, IServiceRelayGrain
{
    /// <summary>One list that waits for its database must not cost the others their leases.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<ImmutableArray<HeartbeatReply?>> HeartbeatAsync(ImmutableArray<RelayedHeartbeat> heartbeats)
    {
        var replies = heartbeats.Select(heartbeat => grains.GetServiceGrain(heartbeat.Service, heartbeat.Shard).HeartbeatAsync(heartbeat.InstanceIds)).ToList();
        foreach (var reply in replies)
        {
            reply.Ignore();
        }

        Task all = Task.WhenAll(replies);
        await all.WaitAsync(Patience, time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return [.. replies.Select(static reply => reply.IsCompletedSuccessfully ? reply.Result : null)];
    }
}
