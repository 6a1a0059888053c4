using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What others may see of a record.</summary>
internal static class SagaDescription
{
    internal static SagaStatus? Of(string sagaId, SagaRecord record) => record.Phase == SagaPhase.None ? null : new()
    {
        SagaId = sagaId,
        Definition = record.Definition,
        Version = record.Version,
        Phase = record.Phase,
        Steps =
        [
            .. record.Steps.Select(step => new SagaStepStatus
            {
                Name = step.Name,
                State = step.State,
                Attempts = step.Action.Begun,
                CompensationAttempts = step.Compensation.Begun,
                LastError = step.LastError,
                DueAt = step.DueAt,
            }),
        ],
        IsCancelRequested = record.IsCancelRequested,
        CompensationReason = record.CompensationReason,
        StuckReason = record.StuckReason,
        Revision = record.Revision,
        StartedAt = record.StartedAt,
        EndedAt = record.EndedAt,
        DeadlineAt = record.DeadlineAt,
        IsAwaitingDefinition = record.IsAwaitingDefinition,
    };

    /// <summary>As <see cref="SagaStatus.HasEnded"/>.</summary>
    internal static bool HasEnded(SagaRecord record) =>
        record.Phase is not (SagaPhase.None or SagaPhase.Running or SagaPhase.Compensating) && !record.IsAwaitingDefinition;

    internal static SagaHistory? HistoryOf(string sagaId, SagaRecord record) => record.Phase == SagaPhase.None
        ? null
        : new() { SagaId = sagaId, Entries = record.History, DroppedCount = record.HistoryDropped };
}
