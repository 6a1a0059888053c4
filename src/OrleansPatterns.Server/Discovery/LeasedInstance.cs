using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>An instance as it has registered itself, and what others say of it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LeasedInstance")]
internal sealed record LeasedInstance
{
    private static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultRemoveAfter = TimeSpan.FromSeconds(60);

    [Id(0)]
    public required ServiceInstance Instance { get; init; }

    /// <summary>It has not been heard of for as long as its lease.</summary>
    [Id(2)]
    public bool IsLapsed { get; init; }

    /// <summary>Its health check fails.</summary>
    [Id(3)]
    public bool IsUnwell { get; init; }

    [Id(4)]
    public InstanceOverride? Override { get; init; }

    /// <summary>The last decisions about it by hand, the oldest first: attempts of theirs that come late are known by it.</summary>
    [Id(5)]
    public ImmutableArray<Guid> Decisions { get; init; } = [];

    public string Id => Instance.Id;

    public TimeSpan Lease => Instance.Lease ?? DefaultLease;

    public TimeSpan RemoveAfter => Instance.RemoveAfter ?? (Lease * 2 > DefaultRemoveAfter ? Lease * 2 : DefaultRemoveAfter);

    public InstanceReport Report(TimeSpan silentFor, string? healthFault) => new()
    {
        Instance = Listed, SilentFor = silentFor, Lease = Lease, RemoveAfter = RemoveAfter, Override = Override, HealthFault = healthFault,
    };

    /// <summary>As callers see it: the operator's word, then whatever keeps it from calls that it would take by its own.</summary>
    public ServiceInstance Listed =>
        Override is { } byHand ? Instance with { Status = byHand.Status, StatusSource = StatusSource.Operator }
        : IsLapsed && Instance.IsAvailable ? Instance with { Status = InstanceStatus.Down, StatusSource = StatusSource.Lease }
        : IsUnwell && Instance.IsAvailable ? Instance with { Status = InstanceStatus.Down, StatusSource = StatusSource.HealthCheck }
        : Instance;
}
