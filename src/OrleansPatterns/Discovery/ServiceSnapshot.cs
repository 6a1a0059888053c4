using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>The instances of a service at one version of the list.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceSnapshot")]
public sealed record ServiceSnapshot
{
    /// <summary>Which life of the list this is: another value means that the stored list was lost, and versions began anew.</summary>
    [Id(0)]
    public Guid Epoch { get; init; }

    /// <summary>Grows with each change that callers can see. Heartbeats and repeated registrations change nothing.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>The instances, ordered by id, whatever their status.</summary>
    [Id(2)]
    public ImmutableArray<ServiceInstance> Instances { get; init; } = [];

    /// <summary>
    /// Whether so many instances fell silent together that the fault is more likely the registry's or the network's: nobody is removed for as long
    /// as that, for at most 10 minutes.
    /// </summary>
    [Id(3)]
    public bool IsProtected { get; init; }

    /// <summary>Among how many lists the service's instances are spread. More than one for a large service; what the registry's clients show is always the whole.</summary>
    [Id(4)]
    public int Shards { get; init; } = 1;

    /// <summary>Those that are to be called.</summary>
    public IEnumerable<ServiceInstance> Available => Instances.Where(static instance => instance.IsAvailable);
}
