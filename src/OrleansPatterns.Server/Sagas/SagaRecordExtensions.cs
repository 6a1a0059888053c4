using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The small changes that decisions are made of.</summary>
internal static class SagaRecordExtensions
{
    private const int MaxDetailLength = 1000;

    internal static SagaRecord WithStep(this SagaRecord record, int index, Func<SagaStepRecord, SagaStepRecord> change) =>
        record with { Steps = record.Steps.SetItem(index, change(record.Steps[index])) };

    internal static SagaRecord Note(
        this SagaRecord record, SagaEvent what, SagaMoment moment, string? step = null, string? detail = null) =>
        record with
        {
            History = record.History.Add(new SagaHistoryEntry { Event = what, At = moment.Now, Step = step, Detail = Cut(detail) }),
        };

    /// <summary>Notes what an operator did, by whom and why.</summary>
    internal static SagaRecord Note(this SagaRecord record, SagaEvent what, SagaMoment moment, SagaIntervention intervention) => record with
    {
        History = record.History.Add(new SagaHistoryEntry
        {
            Event = what,
            At = moment.Now,
            Step = intervention.Kind == SagaInterventionKind.Skip ? intervention.Step : null,
            Detail = Cut(intervention.Reason),
            By = intervention.By,
            InterventionId = intervention.Id,
        }),
    };

    /// <summary>Notes the end of the latest attempt of a step.</summary>
    internal static SagaRecord NoteAttempt(
        this SagaRecord record, SagaEvent what, SagaMoment moment, int index, SagaDirection direction, string? detail = null)
    {
        var step = record.Steps[index];
        var tally = direction == SagaDirection.Action ? step.Action : step.Compensation;
        return record with
        {
            History = record.History.Add(new SagaHistoryEntry
            {
                Event = what,
                At = moment.Now,
                Step = step.Name,
                Attempt = tally.Begun,
                IsCompensation = direction == SagaDirection.Compensation,
                BegunAt = tally.BegunAt,
                Silo = tally.Silo,
                Detail = Cut(detail),
            }),
        };
    }

    internal static SagaRecord Trimmed(this SagaRecord record, int maxHistory)
    {
        var excess = record.History.Length - maxHistory;
        return excess <= 0
            ? record
            : record with { History = record.History.RemoveRange(0, excess), HistoryDropped = record.HistoryDropped + excess };
    }

    /// <summary>Stops where it is. One that is stopped already keeps its first reason.</summary>
    internal static SagaRecord Halt(this SagaRecord record, SagaPhase phase, string reason, SagaMoment moment) => record.IsHalted
        ? record
        : (record with { Phase = phase, StuckIn = record.Phase, StuckReason = Cut(reason) }).Note(
            phase == SagaPhase.Parked ? SagaEvent.Parked : SagaEvent.Stuck, moment, detail: reason);

    /// <summary>Decides that what was done is to be undone. The first reason counts.</summary>
    internal static SagaRecord TurnRound(this SagaRecord record, string reason, SagaMoment moment) => record.CompensationReason is not null
        ? record
        : (record with { CompensationReason = Cut(reason) }).Note(SagaEvent.TurnedRound, moment, detail: reason);

    internal static string? Cut(string? text) => text is { Length: > MaxDetailLength } ? text[..MaxDetailLength] : text;
}
