using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>The heartbeat of one process' instances in one list.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Shard">Which of its lists.</param>
/// <param name="InstanceIds">The instances.</param>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.RelayedHeartbeat")]
internal sealed record RelayedHeartbeat(
    [property: Id(0)] string Service, [property: Id(1)] int Shard, [property: Id(2)] ImmutableArray<string> InstanceIds);
