using System.Collections.Immutable;

namespace OrleansPatterns.Sagas;

/// <summary>What a saga did, attempt by attempt, and what was done to it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaHistory")]
public sealed record SagaHistory
{
    /// <summary>The saga's id.</summary>
    [Id(0)]
    public required string SagaId { get; init; }

    /// <summary>The latest entries, oldest first; at most <see cref="SagaOptions.MaxHistory"/>.</summary>
    [Id(1)]
    public required ImmutableArray<SagaHistoryEntry> Entries { get; init; }

    /// <summary>How many older entries were dropped.</summary>
    [Id(2)]
    public int DroppedCount { get; init; }
}
