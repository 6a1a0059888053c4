using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>One running instance of a service.</summary>
/// <remarks>Collections are copied when they are set, into plain ones: that is what every storage serializer can read back.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceInstance")]
public sealed record ServiceInstance
{
    /// <summary>Tells this instance from others of the same service. 1 to 512 characters. Registering the same id again replaces the instance.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Where it answers: an absolute address with a port from 1 to 65535, at most 512 characters.</summary>
    [Id(1)]
    public required Uri Endpoint { get; init; }

    /// <summary>The zone it runs in; <see langword="null"/> (default): none.</summary>
    [Id(2)]
    public string? Zone { get; init; }

    /// <summary>The version it runs; <see langword="null"/> (default): none.</summary>
    [Id(3)]
    public string? Version { get; init; }

    /// <summary>Whatever callers need to know. Default empty; at most 64 entries, keys of at most 512 characters, 16 KB (UTF-8) in all.</summary>
    [Id(4)]
    public IReadOnlyDictionary<string, string> Metadata
    {
        get;
        init => field = new Dictionary<string, string>(value);
    } = new Dictionary<string, string>();

    /// <summary>Further addresses by name, such as <c>grpc</c> or <c>admin</c>. Default empty; at most 16, names of at most 64 characters.</summary>
    [Id(5)]
    public IReadOnlyDictionary<string, Uri> Endpoints
    {
        get;
        init => field = new Dictionary<string, Uri>(value);
    } = new Dictionary<string, Uri>();

    /// <summary>Words to choose instances by. Default none; at most 64 of at most 128 characters. Kept in order and without duplicates.</summary>
    [Id(6)]
    public ImmutableArray<string> Tags
    {
        get;
        init => field = value.IsDefaultOrEmpty ? [] : [.. value.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    } = [];

    /// <summary>How much work it takes, compared with the others. Default 1. 0 to 1000; 0: called only while all others of its kind have 0 too.</summary>
    [Id(7)]
    public double Weight { get; init; } = 1;

    /// <summary>In a registration: what the instance says of itself, <see cref="InstanceStatus.Up"/> by default. In a list: what holds, see <see cref="StatusSource"/>.</summary>
    [Id(8)]
    public InstanceStatus Status { get; init; } = InstanceStatus.Up;

    /// <summary>In a list: who says so. Of no meaning in a registration.</summary>
    [Id(9)]
    public StatusSource StatusSource { get; init; } = StatusSource.Instance;

    /// <summary>A check that the registry makes by itself; <see langword="null"/> (default): none.</summary>
    [Id(10)]
    public InstanceHealthCheck? HealthCheck { get; init; }

    /// <summary>How long without a heartbeat until it is Down; <see langword="null"/> (default): <see cref="DiscoveryOptions.Lease"/>. 500 milliseconds to 1 hour.</summary>
    [Id(11)]
    public TimeSpan? Lease { get; init; }

    /// <summary>How long without a heartbeat until it is removed; <see langword="null"/> (default): <see cref="DiscoveryOptions.RemoveAfter"/>, or twice the lease if that is more. From <see cref="Lease"/> to 24 hours.</summary>
    [Id(12)]
    public TimeSpan? RemoveAfter { get; init; }

    /// <summary>Whether it is to be called: Up or Warning.</summary>
    public bool IsAvailable => Status is InstanceStatus.Up or InstanceStatus.Warning;

    /// <summary>Whether it is kept from calls only by a suspicion, of its lease or of its health check, which may be the registry's own trouble.</summary>
    public bool IsSuspect => StatusSource is StatusSource.Lease or StatusSource.HealthCheck;

    /// <summary>Whether all members are equal, collections by their entries: registering the same content again changes nothing.</summary>
    /// <param name="other">The other instance.</param>
    public bool Equals(ServiceInstance? other) =>
        other is not null
        && string.Equals(Id, other.Id, StringComparison.Ordinal)
        && Endpoint == other.Endpoint
        && string.Equals(Zone, other.Zone, StringComparison.Ordinal)
        && string.Equals(Version, other.Version, StringComparison.Ordinal)
        && (Weight, Status, StatusSource, Lease, RemoveAfter) == (other.Weight, other.Status, other.StatusSource, other.Lease, other.RemoveAfter)
        && HealthCheck == other.HealthCheck
        && Tags.AsSpan().SequenceEqual(other.Tags.AsSpan())
        && HasSameEntries(Metadata, other.Metadata)
        && HasSameEntries(Endpoints, other.Endpoints);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Endpoint, Zone, Version, Status, Metadata.Count);

    private static bool HasSameEntries<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right) =>
        left.Count == right.Count
        && left.All(entry => right.TryGetValue(entry.Key, out var value) && EqualityComparer<T>.Default.Equals(entry.Value, value));
}
