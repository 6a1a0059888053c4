using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What the answer of an attempt means.</summary>
internal static partial class SagaRules
{
    /// <summary>Whether this attempt is under way, as far as the record says.</summary>
    internal static bool IsOpen(SagaRecord record, int index, SagaDirection direction, int attempt)
    {
        if (index < 0 || index >= record.Steps.Length)
        {
            return false;
        }

        var step = record.Steps[index];
        var tally = direction == SagaDirection.Action ? step.Action : step.Compensation;
        return tally.IsOpen && tally.Begun == attempt;
    }

    /// <summary>Takes in the answer of an attempt. An answer to any but an open one changes nothing.</summary>
    /// <param name="definition">The definition that the record names.</param>
    /// <param name="record">The record.</param>
    /// <param name="report">The answer.</param>
    /// <param name="moment">The rest.</param>
    internal static SagaDecision Complete(SagaDefinition definition, SagaRecord record, SagaAttemptReport report, SagaMoment moment)
    {
        var index = report.Step;
        if (!IsOpen(record, index, report.Direction, report.Attempt))
        {
            return new(record, []);
        }

        var noted = record.NoteAttempt(EventOf(report.Outcome), moment, index, report.Direction, report.Error);
        var changed = (report.Direction, report.Outcome) switch
        {
            (SagaDirection.Action, SagaAttemptOutcome.Succeeded) => WithinBounds(
                WithData(definition, noted, report).WithStep(index, step => step with
                {
                    State = definition.Steps[index].Kind == SagaStepKind.Child ? SagaStepState.Waiting : SagaStepState.Succeeded,
                    Action = step.Action.Close(),
                }),
                moment),
            (SagaDirection.Action, SagaAttemptOutcome.Rejected) => ActionRejected(definition, noted, report, moment),
            (SagaDirection.Action, SagaAttemptOutcome.Failed or SagaAttemptOutcome.FailedForGood) =>
                ActionFailed(definition, noted, report, moment),
            (SagaDirection.Compensation, SagaAttemptOutcome.Succeeded) => WithData(definition, noted, report).WithStep(index, step => step with
            {
                State = SagaStepState.Compensated, Compensation = step.Compensation.Close(),
            }),
            (SagaDirection.Compensation, SagaAttemptOutcome.Rejected or SagaAttemptOutcome.Failed or SagaAttemptOutcome.FailedForGood) =>
                CompensationFailed(definition, noted, report, moment),
            (_, SagaAttemptOutcome.Interrupted) => noted.WithStep(index, step => Closed(step, report)),
            (_, SagaAttemptOutcome.Busy) => noted.WithStep(index, step => Closed(step, report) with { DueAt = moment.Now + report.RetryAfter }),
            (_, SagaAttemptOutcome.Unreadable) => noted
                .WithStep(index, step => Closed(step, report))
                .Halt(SagaPhase.Parked, $"{Naming(noted.Steps[index], report.Direction)} cannot read the data: {report.Error}", moment),
            _ => throw new InvalidOperationException(
                $"No rule for {report.Outcome} of {report.Direction} of step '{record.Steps[index].Name}'."),
        };
        return Advanced(record, definition, changed, moment);
    }

    /// <summary>Whether the end of a child saga still has to be taken in.</summary>
    internal static bool IsAwaitingChild(SagaRecord record, string stepName) => !record.IsFinal
        && record.Steps.Any(step => step.Name == stepName && step.State is (SagaStepState.Waiting or SagaStepState.Running));

    /// <summary>Takes in the end of a child saga. It may come before the answer of the attempt that started it.</summary>
    internal static SagaDecision ChildEnded(
        SagaDefinition definition, SagaRecord record, string stepName, SagaPhase phase, string dataJson, string? reason, SagaMoment moment)
    {
        var index = definition.Steps.Index().FirstOrDefault(pair => pair.Item.Name == stepName, (-1, null!)).Index;
        if (index < 0
            || definition.Steps[index].Kind != SagaStepKind.Child
            || record.Steps[index].State is not (SagaStepState.Waiting or SagaStepState.Running))
        {
            return new(record, []);
        }

        var noted = record
            .Note(SagaEvent.ChildEnded, moment, stepName, $"{phase}. {reason}")
            .WithStep(index, step => step with { Action = step.Action.Close(), DueAt = null });
        try
        {
            var changed = phase switch
            {
                SagaPhase.Completed => (noted with
                {
                    DataJson = definition.Steps[index].Apply is { } apply
                        ? Compute($"What step '{stepName}' takes from its child", () => apply(noted.DataJson, dataJson))
                        : noted.DataJson,
                }).WithStep(index, step => step with { State = SagaStepState.Succeeded }),
                SagaPhase.Compensated => Rejected(definition, noted, index, $"Its child saga was undone: {reason}", moment),
                _ => Unsettled(definition, noted, index, $"Its child saga was given up: {reason}", moment),
            };
            return Advanced(record, definition, WithinBounds(changed, moment), moment);
        }
        catch (SagaFaultException fault)
        {
            return Changed(record, new(record.Halt(SagaPhase.Parked, fault.Message, moment), []), moment);
        }
    }

    private static SagaRecord WithData(SagaDefinition definition, SagaRecord record, SagaAttemptReport report) => report.DataJson is not { } data
        ? record
        : record with
        {
            DataJson = report.BaseDataJson is { } before && definition.IsParallel(definition.Steps[report.Step].Stage)
                ? SagaDataMerge.Merge(before, data, record.DataJson)
                : data,
        };

    private static SagaStepRecord Closed(SagaStepRecord step, SagaAttemptReport report) => report.Direction == SagaDirection.Action
        ? step with { Action = step.Action.Close(), LastError = SagaRecordExtensions.Cut(report.Error) ?? step.LastError }
        : step with { Compensation = step.Compensation.Close(), LastError = SagaRecordExtensions.Cut(report.Error) ?? step.LastError };

    private static SagaRecord ActionRejected(SagaDefinition definition, SagaRecord record, SagaAttemptReport report, SagaMoment moment) =>
        Rejected(
            definition,
            record.WithStep(report.Step, step => step with { Action = step.Action.Close() }),
            report.Step,
            report.Error ?? "",
            moment);

    private static SagaRecord Rejected(SagaDefinition definition, SagaRecord record, int index, string error, SagaMoment moment)
    {
        var rejected = record.WithStep(
            index, step => step with { State = SagaStepState.Rejected, LastError = SagaRecordExtensions.Cut(error) });
        var reason = $"Step '{rejected.Steps[index].Name}' was rejected: {error}";
        return IsPastPivot(definition, rejected)
            ? rejected.Halt(SagaPhase.Stuck, $"{reason} It comes after the pivot, so nothing is undone.", moment)
            : rejected.TurnRound(reason, moment);
    }

    private static SagaRecord ActionFailed(SagaDefinition definition, SagaRecord record, SagaAttemptReport report, SagaMoment moment)
    {
        var failed = record.WithStep(report.Step, step => step with
        {
            Action = step.Action.Fail(), LastError = SagaRecordExtensions.Cut(report.Error),
        });
        var (step, retry) = (failed.Steps[report.Step], definition.Steps[report.Step].Retry);
        if (failed.CompensationReason is not null)
        {
            return failed;
        }

        return report.Outcome == SagaAttemptOutcome.Failed && step.Action.Failed < retry.MaxAttempts
            ? failed.WithStep(report.Step, again => again with { DueAt = moment.Now + BackOff(retry, step.Action.Failed, moment.Jitter) })
            : Unsettled(definition, failed, report.Step, $"Step '{step.Name}' failed {Times(step.Action.Failed)}: {step.LastError}", moment);
    }

    /// <summary>Nobody will ever know whether the step has happened: it is undone, unless that is no longer possible.</summary>
    private static SagaRecord Unsettled(SagaDefinition definition, SagaRecord record, int index, string reason, SagaMoment moment)
    {
        var unknown = record.WithStep(index, step => step with { State = SagaStepState.Unknown, IsOutcomeUnknown = true });
        if (IsPastPivot(definition, unknown))
        {
            return unknown.Halt(SagaPhase.Stuck, $"{reason} It comes after the pivot, so nothing is undone.", moment);
        }

        return definition.Steps[index] is { IsPivot: true, Compensation: null }
            ? unknown.Halt(
                SagaPhase.Stuck,
                $"{reason} It is the pivot, nobody knows whether it has happened, and it has no compensation. Find out, then skip it (it has), "
                + "compensate (it has not) or retry.",
                moment)
            : unknown.TurnRound(reason, moment);
    }

    private static SagaRecord CompensationFailed(SagaDefinition definition, SagaRecord record, SagaAttemptReport report, SagaMoment moment)
    {
        var failed = record.WithStep(report.Step, step => step with
        {
            Compensation = step.Compensation.Fail(), LastError = SagaRecordExtensions.Cut(report.Error),
        });
        var (step, retry) = (failed.Steps[report.Step], definition.Steps[report.Step].CompensationRetry);
        return report.Outcome != SagaAttemptOutcome.FailedForGood && step.Compensation.Failed < retry.MaxAttempts
            ? failed.WithStep(report.Step, again => again with { DueAt = moment.Now + BackOff(retry, step.Compensation.Failed, moment.Jitter) })
            : failed
                .WithStep(report.Step, ended => ended with { State = SagaStepState.CompensationFailed })
                .Halt(
                    SagaPhase.Stuck,
                    $"The compensation of step '{step.Name}' failed {Times(step.Compensation.Failed)}: {step.LastError}",
                    moment);
    }

    private static SagaEvent EventOf(SagaAttemptOutcome outcome) => outcome switch
    {
        SagaAttemptOutcome.Succeeded => SagaEvent.Succeeded,
        SagaAttemptOutcome.Rejected => SagaEvent.Rejected,
        SagaAttemptOutcome.Interrupted or SagaAttemptOutcome.Busy => SagaEvent.Interrupted,
        _ => SagaEvent.Failed,
    };

    private static TimeSpan BackOff(SagaRetry retry, int failed, double jitter)
    {
        // Bounded, or zero times infinity comes of a delay of zero after a thousand attempts.
        var doubled = Math.Pow(2, Math.Min(failed - 1, 64));
        var full = Math.Min(retry.Delay.TotalMilliseconds * doubled, retry.MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (jitter / 2)));
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";
}
