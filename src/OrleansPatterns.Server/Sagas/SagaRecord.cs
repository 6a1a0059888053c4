using System.Collections.Immutable;
using OrleansPatterns.Sagas;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The durable truth about one saga. What happens next is decided from it alone.</summary>
[GenerateSerializer, Immutable, OmitDefaultMemberValues, Alias("OrleansPatterns.SagaRecord")]
internal sealed record SagaRecord : IExpiringState
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

    /// <summary>Set once it is decided that the saga turns round: no action begins from then on.</summary>
    [Id(8)]
    public string? CompensationReason { get; init; }

    [Id(9)]
    public string? StuckReason { get; init; }

    /// <summary>While stuck or parked: the phase to go on with, Running or Compensating.</summary>
    [Id(10)]
    public SagaPhase StuckIn { get; init; }

    /// <summary>The stage it is at: the steps of one stage run, and are undone, together. See <see cref="SagaStepDefinition.Stage"/>.</summary>
    [Id(11)]
    public int Stage { get; init; }

    /// <summary>See <see cref="SagaFingerprint"/>.</summary>
    [Id(12)]
    public string Fingerprint { get; init; } = "";

    [Id(13)]
    public DateTimeOffset StartedAt { get; init; }

    [Id(14)]
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>Also of a record that says nothing because its start was taken back.</summary>
    [Id(15)]
    public DateTimeOffset? EndedAt { get; init; }

    [Id(16)]
    public ImmutableArray<SagaHistoryEntry> History { get; init; } = [];

    [Id(17)]
    public int HistoryDropped { get; init; }

    /// <summary>Signals that came before their step.</summary>
    [Id(18)]
    public ImmutableArray<SagaSignal> Signals { get; init; } = [];

    [Id(19)]
    public string? ResultJson { get; init; }

    [Id(20)]
    public SagaParent? Parent { get; init; }

    [Id(21)]
    public string? TraceParent { get; init; }

    /// <summary>While parked: it is because the definition is not there or differs, and it goes on by itself where that is mended.</summary>
    [Id(22)]
    public bool IsAwaitingDefinition { get; init; }

    internal bool IsFinal => Phase is SagaPhase.Completed or SagaPhase.Compensated or SagaPhase.GivenUp;

    /// <summary>A saga's record goes with its row, when the saga is woken for it; one that says nothing has no row.</summary>
    DateTimeOffset? IExpiringState.RemovableFrom => Phase == SagaPhase.None ? EndedAt + TimeSpan.FromDays(1) : null;

    internal bool IsHalted => Phase is SagaPhase.Stuck or SagaPhase.Parked;
}
