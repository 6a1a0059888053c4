using System.Collections.Immutable;

namespace OrleansPatterns.Sagas;

/// <summary>A saga in a list. The list may lag behind the saga; <see cref="ISagaClient.GetStatusAsync"/> does not.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaListing")]
public sealed record SagaListing
{
    /// <summary>The saga's id.</summary>
    [Id(0)]
    public required string SagaId { get; init; }

    /// <summary>The name of its definition.</summary>
    [Id(1)]
    public required string Definition { get; init; }

    /// <summary>The version of its definition.</summary>
    [Id(2)]
    public required int Version { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)]
    public required SagaPhase Phase { get; init; }

    /// <summary>The steps that it is at.</summary>
    [Id(4)]
    public required ImmutableArray<string> Steps { get; init; }

    /// <summary>Why it is stuck, parked, given up or undone; <see langword="null"/>: it is not.</summary>
    [Id(5)]
    public string? Reason { get; init; }

    /// <summary>Its search attributes.</summary>
    [Id(6)]
    public required ImmutableDictionary<string, string> Attributes { get; init; }

    /// <summary>When it was started, by the catalog's clock.</summary>
    [Id(7)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the listing was last written, by the catalog's clock.</summary>
    [Id(8)]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where in the list it is: what <see cref="SagaQuery.After"/> goes on behind. Opaque.</summary>
    [Id(9)]
    public string Cursor { get; init; } = "";
}
