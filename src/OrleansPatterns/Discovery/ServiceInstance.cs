namespace OrleansPatterns.Discovery;

/// <summary>One running instance of a service.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceInstance")]
public sealed record ServiceInstance
{
    /// <summary>Tells this instance from others of the same service. 1 to 512 characters. Registering the same id again replaces the instance.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Where it answers: an absolute address.</summary>
    [Id(1)]
    public required Uri Endpoint { get; init; }

    /// <summary>The zone it runs in; <see langword="null"/> (default): none.</summary>
    [Id(2)]
    public string? Zone { get; init; }

    /// <summary>The version it runs; <see langword="null"/> (default): none.</summary>
    [Id(3)]
    public string? Version { get; init; }

    /// <summary>Whatever callers need to know. Default empty; at most 32 entries, keys and values of at most 512 characters.</summary>
    /// <remarks>Copied when it is set, into a plain dictionary: that is what every storage serializer can read back.</remarks>
    [Id(4)]
    public IReadOnlyDictionary<string, string> Metadata
    {
        get;
        init => field = new Dictionary<string, string>(value);
    } = new Dictionary<string, string>();

    /// <summary>Whether all members are equal, the metadata by its entries: registering the same content again changes nothing.</summary>
    /// <param name="other">The other instance.</param>
    public bool Equals(ServiceInstance? other) =>
        other is not null
        && string.Equals(Id, other.Id, StringComparison.Ordinal)
        && Endpoint == other.Endpoint
        && string.Equals(Zone, other.Zone, StringComparison.Ordinal)
        && string.Equals(Version, other.Version, StringComparison.Ordinal)
        && Metadata.Count == other.Metadata.Count
        && Metadata.All(entry => other.Metadata.TryGetValue(entry.Key, out var value) && string.Equals(entry.Value, value, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Endpoint, Zone, Version, Metadata.Count);
}
