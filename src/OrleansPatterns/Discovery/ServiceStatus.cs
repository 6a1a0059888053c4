using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>A service as an operator sees it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceStatus")]
public sealed record ServiceStatus
{
    /// <inheritdoc cref="ServiceSnapshot.Version"/>
    [Id(0)]
    public required long Version { get; init; }

    /// <inheritdoc cref="ServiceSnapshot.IsProtected"/>
    [Id(1)]
    public required bool IsProtected { get; init; }

    /// <inheritdoc cref="ServiceSnapshot.Shards"/>
    [Id(2)]
    public required int Shards { get; init; }

    /// <summary>The instances, ordered by id, whatever their status.</summary>
    [Id(3)]
    public required ImmutableArray<InstanceReport> Instances { get; init; }
}
