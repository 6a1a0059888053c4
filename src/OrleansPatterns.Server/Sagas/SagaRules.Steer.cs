using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What comes from outside while a saga is under way: signals, and what operators decide.</summary>
internal static partial class SagaRules
{
    /// <summary>Takes a signal, which then waits for its step or lets it go on.</summary>
    internal static (SagaDecision Decision, SagaSignalOutcome Outcome, string? Fault) Signal(
        SagaDefinition definition, SagaRecord record, SagaSignal signal, int maxBytes, SagaMoment moment)
    {
        var waiting = record.Steps
            .Index()
            .Where(pair => definition.Steps[pair.Index].Kind == SagaStepKind.Signal && pair.Item.Name == signal.Name)
            .ToList();
        if (waiting.Exists(pair => pair.Item.SignalId == signal.SignalId) || record.Signals.Any(kept => kept.Name == signal.Name && kept.SignalId == signal.SignalId))
        {
            return (new(record, []), SagaSignalOutcome.Accepted, null);
        }

        if (RefusalOf(definition, record, signal, waiting.Select(pair => pair.Item).SingleOrDefault(), maxBytes) is var (outcome, fault))
        {
            return (new(record, []), outcome, fault);
        }

        var kept = (record with { Signals = record.Signals.Add(signal) }).Note(SagaEvent.Signalled, moment, signal.Name);
        return (record.IsHalted ? Changed(record, new(kept, []), moment) : Advanced(record, definition, kept, moment), SagaSignalOutcome.Accepted, null);
    }

    /// <summary>Does what an operator decided.</summary>
    /// <returns>What to do, and why it does not fit where the saga stands; null: it does.</returns>
    internal static (SagaDecision Decision, string? Fault) Intervene(
        SagaDefinition? definition,
        SagaRecord stored,
        SagaIntervention intervention,
        Func<int, SagaDirection, bool> isAlive,
        SagaMoment moment)
    {
        var record = stored.IsHalted ? WithoutLost(stored, isAlive, moment) : stored;
        if (intervention.Id != Guid.Empty && stored.History.Any(entry => entry.InterventionId == intervention.Id))
        {
            return (new(stored, []), null);
        }

        if (FaultOf(definition, record, intervention) is { } fault)
        {
            return (new(stored, []), fault);
        }

        if (intervention.Kind == SagaInterventionKind.GiveUp)
        {
            var ended = (record with
            {
                Phase = SagaPhase.GivenUp, StuckIn = SagaPhase.None, IsAwaitingDefinition = false, EndedAt = moment.Now, Signals = [],
            }).Note(SagaEvent.GivenUp, moment, intervention);
            return (Changed(stored, new(ended, []), moment), null);
        }

        var changed = intervention.Kind switch
        {
            SagaInterventionKind.Retry => Unhalted(record).Note(SagaEvent.Retried, moment, intervention),
            SagaInterventionKind.Skip => Unhalted(Skipped(record, intervention.Step!))
                .Note(SagaEvent.Skipped, moment, intervention),
            SagaInterventionKind.Compensate => Turned(definition!, record, intervention, moment),
            _ => throw new InvalidOperationException($"No rule for an intervention of kind {intervention.Kind}."),
        };
        return (Advanced(stored, definition!, changed, moment), null);
    }

    private static (SagaSignalOutcome Outcome, string Fault)? RefusalOf(
        SagaDefinition definition, SagaRecord record, SagaSignal signal, SagaStepRecord? step, int maxBytes)
    {
        if (step is null)
        {
            var known = Names(definition.Steps.Where(waiting => waiting.Kind == SagaStepKind.Signal).Select(waiting => waiting.Name));
            return (SagaSignalOutcome.UnknownSignal, $"Version {record.Version} of '{record.Definition}' waits for {known}. Correct the name.");
        }

        if (definition.Steps[record.Steps.IndexOf(step)].CheckPayload?.Invoke(signal.PayloadJson) is { } invalid)
        {
            return (SagaSignalOutcome.InvalidPayload, $"{invalid} Send the type that the definition waits for.");
        }

        if (record.IsFinal || record.CompensationReason is not null)
        {
            return (SagaSignalOutcome.Ended, $"It is {record.Phase}: {record.CompensationReason ?? record.StuckReason ?? "all steps are done"}");
        }

        if (step.State is not (SagaStepState.Pending or SagaStepState.Waiting) || record.Signals.Any(kept => kept.Name == signal.Name))
        {
            return (SagaSignalOutcome.NotAwaited, $"Its step is {step.State} and takes one. Give a repeated call the same signalId.");
        }

        var bytes = record.Signals.Append(signal).Sum(kept => System.Text.Encoding.UTF8.GetByteCount(kept.PayloadJson));
        return bytes > maxBytes
            ? (SagaSignalOutcome.TooLarge, $"The signals that it keeps would have {bytes} bytes; SagaOptions.MaxDataBytes is {maxBytes}. Send a reference instead.")
            : null;
    }

    private static string? FaultOf(SagaDefinition? definition, SagaRecord record, SagaIntervention intervention)
    {
        var isHalted = record.IsHalted;
        var step = record.Steps.FirstOrDefault(candidate => candidate.Name == intervention.Step);
        if (intervention.Kind == SagaInterventionKind.Skip && step is null)
        {
            return $"It has no step '{intervention.Step}', but {Names(record.Steps.Select(known => known.Name))}.";
        }

        var isUnderWay = record.Phase is SagaPhase.Running or SagaPhase.Compensating;
        if (!isHalted && !(isUnderWay && intervention.Kind is (SagaInterventionKind.Skip or SagaInterventionKind.GiveUp)))
        {
            return $"It is {record.Phase}. Only a saga that is stuck or parked can be retried or undone so; one under way is cancelled.";
        }

        if (intervention.Kind == SagaInterventionKind.GiveUp)
        {
            return record.Steps.Any(under => under.IsOpen) ? "An attempt is under way; wait for its end." : null;
        }

        return Mismatch(definition, record) ?? intervention.Kind switch
        {
            SagaInterventionKind.Skip => FaultOfSkip(definition!, record, step!),
            SagaInterventionKind.Compensate when record.StuckIn == SagaPhase.Compensating || record.CompensationReason is not null =>
                "It is being undone already; retry it.",
            SagaInterventionKind.Compensate when IsPastPivot(definition!, record) =>
                $"It is past its pivot '{PivotName(definition)}'; retry, skip or give up.",
            _ => null,
        };
    }

    private static string? FaultOfSkip(SagaDefinition definition, SagaRecord record, SagaStepRecord step) => step switch
    {
        { IsOpen: true } => $"An attempt of step '{step.Name}' is under way; wait for its end.",
        { State: SagaStepState.Waiting } when definition.Steps[record.Steps.IndexOf(step)].Kind == SagaStepKind.Child =>
            $"Step '{step.Name}' waits for its child saga; cancel or steer that one.",
        { State: SagaStepState.Running or SagaStepState.Waiting or SagaStepState.Unknown or SagaStepState.Rejected }
            when record.CompensationReason is null => null,
        { State: SagaStepState.Pending }
            when record.CompensationReason is null && definition.Steps[record.Steps.IndexOf(step)].Stage == record.Stage => null,
        { State: SagaStepState.Compensating or SagaStepState.CompensationFailed } => null,
        _ => $"Step '{step.Name}' is {step.State}; only one that the saga is at can be skipped.",
    };

    private static SagaRecord Skipped(SagaRecord record, string stepName) => record.WithStep(
        record.Steps.Index().First(pair => pair.Item.Name == stepName).Index,
        step => step with
        {
            State = step.State is SagaStepState.Compensating or SagaStepState.CompensationFailed
                ? SagaStepState.CompensationSkipped
                : SagaStepState.Skipped,
            DueAt = null,
        });

    /// <summary>The operator answers for a pivot of which nobody knows: it has not happened.</summary>
    private static SagaRecord Turned(SagaDefinition definition, SagaRecord record, SagaIntervention intervention, SagaMoment moment)
    {
        var reason = $"{intervention.By}: {intervention.Reason}";
        var turned = Unhalted(record.TurnRound(reason, moment) with
        {
            Steps =
            [
                .. record.Steps.Select((step, index) =>
                    definition.Steps[index] is { IsPivot: true, Compensation: null } && !step.IsOpen
                    && step.State is SagaStepState.Unknown or SagaStepState.Running
                        ? step with { State = SagaStepState.Rejected }
                        : step),
            ],
        });
        return turned with
        {
            History = turned.History.SetItem(
                turned.History.Length - 1, turned.History[^1] with { By = intervention.By, InterventionId = intervention.Id }),
        };
    }
}
