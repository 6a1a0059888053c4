using System.Collections.Immutable;

namespace OrleansPatterns.Server.Discovery;

/// <summary>What is durable of a service's list: who is in it. Heartbeats are not: after a crash everyone gets a full lease to be heard again.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceRecord")]
internal sealed record ServiceRecord
{
    /// <summary>Made with the first change, so that a list that was lost and began anew is known for another.</summary>
    [Id(0)]
    public Guid Epoch { get; init; }

    [Id(1)]
    public long Version { get; init; }

    /// <summary>Ordered by instance id.</summary>
    [Id(2)]
    public ImmutableArray<LeasedInstance> Instances { get; init; } = [];
}
