using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>The instances of a service at one version of the list.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceSnapshot")]
public sealed record ServiceSnapshot
{
    /// <summary>Which life of the list this is: another value means that the stored list was lost, and versions began anew.</summary>
    [Id(0)]
    public Guid Epoch { get; init; }

    /// <summary>Grows by one with each change that callers can see. Heartbeats and repeated registrations change nothing.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>The instances, ordered by id.</summary>
    [Id(2)]
    public ImmutableArray<ServiceInstance> Instances { get; init; } = [];
}
