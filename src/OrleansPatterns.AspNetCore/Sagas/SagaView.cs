using System.Collections.Immutable;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <summary>A saga to look at: with its data as JSON, unless that is more than a page should show, and what can be tried where it stands.</summary>
internal sealed record SagaView(
    string Id,
    string Definition,
    int Version,
    SagaPhase Phase,
    bool IsAwaitingDefinition,
    bool IsCancelRequested,
    string? CompensationReason,
    string? StuckReason,
    long Revision,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? DeadlineAt,
    ImmutableArray<SagaStepStatus> Steps,
    IReadOnlyList<SagaEventView> History,
    int HistoryDropped,
    string? Data,
    ImmutableArray<string> Actions)
{
    private const int MaxDataLength = 64 * 1024;

    internal static SagaView Of(SagaStatus status, SagaHistory? history, string? data) => new(
        status.SagaId,
        status.Definition,
        status.Version,
        status.Phase,
        status.IsAwaitingDefinition,
        status.IsCancelRequested,
        status.CompensationReason,
        status.StuckReason,
        status.Revision,
        status.StartedAt,
        status.EndedAt,
        status.DeadlineAt,
        status.Steps,
        [.. (history?.Entries ?? []).Select(SagaEventView.Of)],
        history?.DroppedCount ?? 0,
        data?.Length > MaxDataLength ? null : data,
        ActionsIn(status));

    /// <summary>What the saga may refuse all the same: it alone knows, for instance, whether an attempt is under way.</summary>
    private static ImmutableArray<string> ActionsIn(SagaStatus status) => status.Phase switch
    {
        SagaPhase.Running => ["skip", "cancel", "giveUp"],
        SagaPhase.Compensating => ["skip", "giveUp"],
        SagaPhase.Stuck or SagaPhase.Parked => status.CompensationReason is null
            ? ["retry", "skip", "compensate", "giveUp", "cancel"]
            : ["retry", "skip", "giveUp"],
        _ => [],
    };
}
