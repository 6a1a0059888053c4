using System.Collections.Immutable;

namespace OrleansPatterns.Server.Discovery;

/// <summary>What the lists of one service have to say to each other; see <see cref="OrleansPatterns.Discovery.ServiceShards"/>.</summary>
[Alias("OrleansPatterns.IServiceShardGrain")]
internal interface IServiceShardGrain : IGrainWithStringKey
{
    /// <summary>The service has so many lists by now. Never fewer than it had.</summary>
    [Alias("Grow")]
    Task GrowAsync(int shards);

    /// <summary>Takes over instances that are at home here, unless it has them already.</summary>
    [Alias("Adopt")]
    Task AdoptAsync(ImmutableArray<LeasedInstance> instances);
}
