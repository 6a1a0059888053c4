using System.Collections.Immutable;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The durable truth about one saga. What happens next is decided from it alone.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaRecord")]
internal sealed record SagaRecord
{
    [Id(0)]
    public string Definition { get; init; } = "";

    /// <summary>The version that the saga began with: its steps are those of this version, whatever is registered later.</summary>
    [Id(1)]
    public int Version { get; init; }

    /// <summary>The data as the last successful attempt left it.</summary>
    [Id(2)]
    public string DataJson { get; init; } = "";

    /// <summary>SHA-256 of the data it was started with, by which a repeated start is told from a conflicting one.</summary>
    [Id(3)]
    public string StartDataHash { get; init; } = "";

    [Id(4)]
    public SagaPhase Phase { get; init; }

    [Id(5)]
    public ImmutableArray<SagaStepRecord> Steps { get; init; } = [];

    /// <summary>Grows with each write. Also the version of the catalog row.</summary>
    [Id(6)]
    public long Revision { get; init; }

    [Id(7)]
    public bool IsCancelRequested { get; init; }

    [Id(8)]
    public string? CompensationReason { get; init; }

    [Id(9)]
    public string? StuckReason { get; init; }

    /// <summary>While stuck: the phase to go on with, Running or Compensating.</summary>
    [Id(10)]
    public SagaPhase StuckIn { get; init; }
}
