using System.Security.Cryptography;
using System.Text;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Decides what a saga does next.</summary>
/// <remarks>
/// <para>
/// The record says before an attempt may run that it has begun, and afterwards how it ended; "this step is done, the next begins" is one
/// record. So whatever crashes, the record never says less than what may have happened: an open attempt may have taken effect.
/// </para>
/// <para>
/// Attempts carry a number that only grows. An answer counts only for the open attempt, so whatever an earlier attempt answers, from an
/// activation that was replaced or that lost its write, is ignored. Phases only go forward: Running, Compensating, then an end. Stuck is a
/// pause in either of the first two.
/// </para>
/// </remarks>
internal static class SagaRules
{
    /// <summary>After so many attempts that ended with their silo, the step itself is suspected of it.</summary>
    internal const int MaxLostAttempts = 5;

    private const int MaxErrorLength = 1000;

    internal static SagaStartOutcome Compare(SagaRecord record, SagaStart start) =>
        record.Phase == SagaPhase.None ? SagaStartOutcome.Started
        : record.Definition == start.Definition && record.StartDataHash == Hash(start.DataJson) ? SagaStartOutcome.AlreadyStarted
        : SagaStartOutcome.Conflict;

    internal static SagaDecision Start(SagaDefinition definition, SagaRecord record, SagaStart start) =>
        Changed(record, BeginAction(
            record with
            {
                Definition = definition.Name,
                Version = definition.Version,
                DataJson = start.DataJson,
                StartDataHash = Hash(start.DataJson),
                Phase = SagaPhase.Running,
                Steps = [.. definition.Steps.Select(step => new SagaStepRecord { Name = step.Name })],
            },
            index: 0));

    /// <summary>
    /// A start that got no further than its catalog row. The record is written although it says nothing: the start may still be under way
    /// in another activation, which then loses its ETag, and the next one announces itself under a higher version than the row to be
    /// removed.
    /// </summary>
    internal static SagaDecision Abandon(SagaRecord record) => Changed(record, new(record, SagaMove.None));

    /// <summary>Takes in the answer of an attempt. An answer to any but the open one changes nothing.</summary>
    /// <param name="definition">The definition that the record names.</param>
    /// <param name="record">The record.</param>
    /// <param name="report">The answer.</param>
    /// <param name="jitter">A random number, 0 up to 1.</param>
    internal static SagaDecision Complete(SagaDefinition definition, SagaRecord record, SagaAttemptReport report, double jitter)
    {
        if (!IsOpen(record, report))
        {
            return new(record, SagaMove.None);
        }

        var index = report.Step;
        var error = Cut(report.Error);
        return Changed(record, (report.Direction, report.Outcome) switch
        {
            (SagaDirection.Action, SagaAttemptOutcome.Succeeded) =>
                ActionSucceeded(definition, record with { DataJson = report.DataJson ?? record.DataJson }, index),
            (SagaDirection.Action, SagaAttemptOutcome.Rejected) =>
                Compensate(
                    definition,
                    WithStep(record, index, step => step with
                    {
                        State = SagaStepState.Rejected,
                        Action = step.Action.Close(),
                        LastError = error,
                    }),
                    $"Step '{record.Steps[index].Name}' was rejected: {error}"),
            (SagaDirection.Action, SagaAttemptOutcome.Failed) =>
                ActionFailed(
                    definition,
                    WithStep(record, index, step => step with { Action = step.Action.Fail(), LastError = error }),
                    index,
                    jitter),
            (SagaDirection.Compensation, SagaAttemptOutcome.Succeeded) =>
                Compensate(
                    definition,
                    WithStep(record with { DataJson = report.DataJson ?? record.DataJson }, index, step => step with
                    {
                        State = SagaStepState.Compensated,
                        Compensation = step.Compensation.Close(),
                    }),
                    reason: null),
            (SagaDirection.Compensation, SagaAttemptOutcome.Rejected or SagaAttemptOutcome.Failed) =>
                CompensationFailed(
                    definition,
                    WithStep(record, index, step => step with { Compensation = step.Compensation.Fail(), LastError = error }),
                    index,
                    jitter),
            _ => throw new InvalidOperationException(
                $"No rule for {report.Outcome} of {report.Direction} of step '{record.Steps[index].Name}'."),
        });
    }

    /// <summary>
    /// Goes on where the record says, when this activation has no attempt under way: after a back-off, a crash or an operator's retry. An
    /// attempt that is still open is lost: its activation is gone, or has been replaced, and it may have taken effect.
    /// </summary>
    internal static SagaDecision Resume(SagaDefinition definition, SagaRecord record) => record.Phase switch
    {
        SagaPhase.Running => Changed(record, ResumeAction(definition, record)),
        SagaPhase.Compensating => Changed(record, ResumeCompensation(record)),
        _ => new(record, SagaMove.None),
    };

    /// <summary>
    /// Notes that the saga is to be undone. Whoever calls this resumes it, unless an attempt is under way: its answer then decides.
    /// </summary>
    internal static SagaRecord Cancel(SagaRecord record) => record switch
    {
        { Phase: SagaPhase.Running, IsCancelRequested: false } => Next(record, record with { IsCancelRequested = true }),
        { Phase: SagaPhase.Stuck, StuckIn: SagaPhase.Running } => Next(record, Unstick(record) with { IsCancelRequested = true }),
        _ => record,
    };

    /// <summary>Makes a stuck saga one that can be resumed, with all its attempts anew.</summary>
    internal static SagaRecord Retry(SagaRecord record) =>
        record.Phase == SagaPhase.Stuck ? Next(record, Unstick(record)) : record;

    /// <summary>Stops a saga that cannot go on; its open attempt, if any, counts as lost when it does go on.</summary>
    internal static SagaDecision Park(SagaRecord record, string reason) =>
        record.Phase is SagaPhase.Running or SagaPhase.Compensating
            ? Changed(record, new(Stick(record, reason), SagaMove.None))
            : new(record, SagaMove.None);

    /// <summary>Why a saga cannot go on with this definition; null: it can.</summary>
    /// <param name="definition">What is registered under the record's name and version, if anything.</param>
    /// <param name="record">The record.</param>
    internal static string? Mismatch(SagaDefinition? definition, SagaRecord record)
    {
        if (definition is null)
        {
            return $"Version {record.Version} of saga definition '{record.Definition}' is not registered on this silo. "
                + "Register it on every silo, then retry the saga.";
        }

        return definition.Steps.Select(step => step.Name).SequenceEqual(record.Steps.Select(step => step.Name))
            ? null
            : $"Version {record.Version} of saga definition '{record.Definition}' has the steps "
                + $"{Names(definition.Steps.Select(step => step.Name))}, "
                + $"but this saga began with {Names(record.Steps.Select(step => step.Name))}. "
                + "Give changed steps a new version and register the old one as well, then retry the saga.";
    }

    internal static SagaStatus? Describe(string sagaId, SagaRecord record) => record.Phase == SagaPhase.None ? null : new()
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
            }),
        ],
        IsCancelRequested = record.IsCancelRequested,
        CompensationReason = record.CompensationReason,
        StuckReason = record.StuckReason,
        Revision = record.Revision,
    };

    private static bool IsOpen(SagaRecord record, SagaAttemptReport report)
    {
        if (report.Step < 0 || report.Step >= record.Steps.Length)
        {
            return false;
        }

        var step = record.Steps[report.Step];
        var tally = (record.Phase, step.State, report.Direction) switch
        {
            (SagaPhase.Running, SagaStepState.Running, SagaDirection.Action) => step.Action,
            (SagaPhase.Compensating, SagaStepState.Compensating, SagaDirection.Compensation) => step.Compensation,
            _ => null,
        };
        return tally is { IsOpen: true } && tally.Begun == report.Attempt;
    }

    private static SagaDecision ActionSucceeded(SagaDefinition definition, SagaRecord record, int index)
    {
        var done = WithStep(record, index, step => step with { State = SagaStepState.Succeeded, Action = step.Action.Close() });
        return done switch
        {
            { IsCancelRequested: true } => Compensate(definition, done, "It was cancelled."),
            _ when index == done.Steps.Length - 1 => new(done with { Phase = SagaPhase.Completed }, SagaMove.None),
            _ => BeginAction(done, index + 1),
        };
    }

    private static SagaDecision ActionFailed(SagaDefinition definition, SagaRecord record, int index, double jitter)
    {
        var step = record.Steps[index];
        var retry = definition.Steps[index].Retry;
        if (record.IsCancelRequested)
        {
            return GiveUpAction(definition, record, index, "It was cancelled.");
        }

        return step.Action.Failed < retry.MaxAttempts
            ? new(record, SagaMove.Wait(BackOff(retry, step.Action.Failed, jitter)))
            : GiveUpAction(definition, record, index, $"Step '{step.Name}' failed {step.Action.Failed} times: {step.LastError}");
    }

    private static SagaDecision ResumeAction(SagaDefinition definition, SagaRecord record)
    {
        var index = IndexOf(record, SagaStepState.Running);
        var current = WithStep(record, index, step => step with { Action = step.Action.Lose() });
        if (current.IsCancelRequested)
        {
            return GiveUpAction(definition, current, index, "It was cancelled.");
        }

        return current.Steps[index].Action.Lost < MaxLostAttempts
            ? BeginAction(current, index)
            : GiveUpAction(
                definition,
                current,
                index,
                $"Step '{current.Steps[index].Name}' was cut off {MaxLostAttempts} times by the end of its silo, and may be the cause.");
    }

    private static SagaDecision ResumeCompensation(SagaRecord record)
    {
        var index = IndexOf(record, SagaStepState.Compensating);
        var current = WithStep(record, index, step => step with { Compensation = step.Compensation.Lose() });
        return current.Steps[index].Compensation.Lost < MaxLostAttempts
            ? BeginCompensation(current, index)
            : GiveUpCompensation(
                current,
                index,
                $"The compensation of step '{current.Steps[index].Name}' was cut off {MaxLostAttempts} times by the end of its silo, "
                + "and may be the cause.");
    }

    private static SagaDecision CompensationFailed(SagaDefinition definition, SagaRecord record, int index, double jitter)
    {
        var step = record.Steps[index];
        var retry = definition.Steps[index].CompensationRetry;
        return step.Compensation.Failed < retry.MaxAttempts
            ? new(record, SagaMove.Wait(BackOff(retry, step.Compensation.Failed, jitter)))
            : GiveUpCompensation(
                record, index, $"The compensation of step '{step.Name}' failed {step.Compensation.Failed} times: {step.LastError}");
    }

    private static SagaDecision GiveUpAction(SagaDefinition definition, SagaRecord record, int index, string reason) =>
        Compensate(
            definition,
            WithStep(record, index, step => step with { State = SagaStepState.Unknown, IsOutcomeUnknown = true }),
            reason);

    private static SagaDecision GiveUpCompensation(SagaRecord record, int index, string reason) =>
        new(Stick(WithStep(record, index, step => step with { State = SagaStepState.CompensationFailed }), reason), SagaMove.None);

    /// <summary>
    /// Begins to undo, or goes on with it: the latest step that is done or may be comes first, so the order is strictly the reverse.
    /// </summary>
    private static SagaDecision Compensate(SagaDefinition definition, SagaRecord record, string? reason)
    {
        var undoing = record with { CompensationReason = record.CompensationReason ?? reason };
        for (var index = undoing.Steps.Length - 1; index >= 0; index--)
        {
            if (undoing.Steps[index].State is SagaStepState.Succeeded or SagaStepState.Unknown
                && definition.Steps[index].Compensation is not null)
            {
                return BeginCompensation(undoing with { Phase = SagaPhase.Compensating }, index);
            }
        }

        return new(undoing with { Phase = SagaPhase.Compensated }, SagaMove.None);
    }

    private static SagaDecision BeginAction(SagaRecord record, int index)
    {
        var begun = WithStep(record, index, step => step with { State = SagaStepState.Running, Action = step.Action.Begin() });
        return new(begun, SagaMove.Run(index, SagaDirection.Action, begun.Steps[index].Action.Begun));
    }

    private static SagaDecision BeginCompensation(SagaRecord record, int index)
    {
        var begun = WithStep(record, index, step => step with
        {
            State = SagaStepState.Compensating,
            Compensation = step.Compensation.Begin(),
        });
        return new(begun, SagaMove.Run(index, SagaDirection.Compensation, begun.Steps[index].Compensation.Begun));
    }

    private static SagaRecord Stick(SagaRecord record, string reason) =>
        record with { Phase = SagaPhase.Stuck, StuckIn = record.Phase, StuckReason = reason };

    private static SagaRecord Unstick(SagaRecord record) => record with
    {
        Phase = record.StuckIn,
        StuckIn = SagaPhase.None,
        StuckReason = null,
        Steps =
        [
            .. record.Steps.Select(step => step.State switch
            {
                SagaStepState.Running => step with { Action = step.Action.Forgive() },
                SagaStepState.Compensating or SagaStepState.CompensationFailed =>
                    step with { State = SagaStepState.Compensating, Compensation = step.Compensation.Forgive() },
                _ => step,
            }),
        ],
    };

    private static TimeSpan BackOff(SagaRetry retry, int failed, double jitter)
    {
        var full = Math.Min(retry.Delay.TotalMilliseconds * Math.Pow(2, failed - 1), retry.MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (jitter / 2)));
    }

    private static SagaDecision Changed(SagaRecord before, SagaDecision decision) =>
        decision with { Record = Next(before, decision.Record) };

    private static SagaRecord Next(SagaRecord before, SagaRecord after) => after with { Revision = before.Revision + 1 };

    private static SagaRecord WithStep(SagaRecord record, int index, Func<SagaStepRecord, SagaStepRecord> change) =>
        record with { Steps = record.Steps.SetItem(index, change(record.Steps[index])) };

    private static int IndexOf(SagaRecord record, SagaStepState state)
    {
        for (var index = 0; index < record.Steps.Length; index++)
        {
            if (record.Steps[index].State == state)
            {
                return index;
            }
        }

        throw new InvalidOperationException($"A saga of '{record.Definition}' is {record.Phase}, but no step is {state}.");
    }

    private static string Hash(string json) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static string? Cut(string? error) => error is { Length: > MaxErrorLength } ? error[..MaxErrorLength] : error;

    private static string Names(IEnumerable<string> names) => $"[{string.Join(", ", names)}]";
}
