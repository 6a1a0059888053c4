using System.Collections.Immutable;

namespace OrleansPatterns.Sagas;

/// <summary>A saga as it was last known to be durable.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaStatus")]
public sealed record SagaStatus
{
    /// <summary>The saga's id.</summary>
    [Id(0)]
    public required string SagaId { get; init; }

    /// <summary>The name of its definition.</summary>
    [Id(1)]
    public required string Definition { get; init; }

    /// <summary>The version of the definition that it began with, and keeps.</summary>
    [Id(2)]
    public required int Version { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)]
    public required SagaPhase Phase { get; init; }

    /// <summary>Its steps, in order.</summary>
    [Id(4)]
    public required ImmutableArray<SagaStepStatus> Steps { get; init; }

    /// <summary>Whether <see cref="ISagaClient.CancelAsync"/> was called while it was not yet being undone.</summary>
    [Id(5)]
    public bool IsCancelRequested { get; init; }

    /// <summary>Why it is or was undone; <see langword="null"/>: it is not.</summary>
    [Id(6)]
    public string? CompensationReason { get; init; }

    /// <summary>
    /// Why it cannot go on; <see langword="null"/> unless it is <see cref="SagaPhase.Stuck"/>, <see cref="SagaPhase.Parked"/> or
    /// <see cref="SagaPhase.GivenUp"/>.
    /// </summary>
    [Id(7)]
    public string? StuckReason { get; init; }

    /// <summary>Grows with each durable change.</summary>
    [Id(8)]
    public required long Revision { get; init; }

    /// <summary>When it was started.</summary>
    [Id(9)]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it reached its end; <see langword="null"/>: it has not, or it waits for an operator.</summary>
    [Id(10)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it is undone unless it has come to its pivot; <see langword="null"/>: never.</summary>
    [Id(11)]
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>
    /// While <see cref="SagaPhase.Parked"/>: its definition is not registered on the silo that tried last, or was changed without a new version. It goes on
    /// by itself on a silo that has it.
    /// </summary>
    [Id(12)]
    public bool IsAwaitingDefinition { get; init; }

    /// <summary>Whether nothing more happens by itself: it is at its end, or waits for an operator.</summary>
    public bool HasEnded => Phase is not (SagaPhase.None or SagaPhase.Running or SagaPhase.Compensating) && !IsAwaitingDefinition;

    /// <summary>Whether somebody has to look: <see cref="SagaPhase.Stuck"/> or <see cref="SagaPhase.Parked"/>.</summary>
    public bool NeedsOperator => Phase is SagaPhase.Stuck or SagaPhase.Parked;
}
