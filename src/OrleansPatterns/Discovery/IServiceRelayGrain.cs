using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>Takes the heartbeats of one process to many lists by one call; sits on the silo that its key names, where those lists are.</summary>
[Alias("OrleansPatterns.IServiceRelayGrain")]
internal interface IServiceRelayGrain : IGrainWithStringKey
{
    /// <summary>Passes every heartbeat on to its list, wherever that is by now.</summary>
    /// <param name="heartbeats">Lists and instances.</param>
    /// <returns>An answer for each, in the same order; <see langword="null"/>: the list did not answer within a second.</returns>
    [Alias("Heartbeat")]
    Task<ImmutableArray<HeartbeatReply?>> HeartbeatAsync(ImmutableArray<RelayedHeartbeat> heartbeats);
}
