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
/// activation that was replaced or that lost its write, is ignored. Phases only go forward: Running, Compensating, then an end; only a child that
/// is completed turns round when its parent is undone. Stuck and parked are pauses in either of the first two.
/// </para>
/// <para>
/// Each command changes the record and has <see cref="SagaAdvance"/> take it as far as it goes.
/// </para>
/// </remarks>
internal static partial class SagaRules
{
    /// <summary>After so many attempts that ended with their silo, the step itself is suspected of it.</summary>
    internal const int MaxLostAttempts = 5;

    /// <remarks>
    /// A child is the same whatever its data: that is made of its parent's, which a step beside it may have changed between two attempts to start it.
    /// </remarks>
    internal static SagaStartOutcome Compare(SagaRecord record, SagaStart start) =>
        record.Phase == SagaPhase.None ? SagaStartOutcome.Started
        : record.Definition == start.Definition
            && record.Parent == start.Parent
            && (start.Parent is not null || record.StartDataHash == Hash(start.DataJson)) ? SagaStartOutcome.AlreadyStarted
        : SagaStartOutcome.Conflict;

    internal static SagaDecision Start(SagaDefinition definition, SagaRecord record, SagaStart start, SagaMoment moment) =>
        Advanced(
            record,
            definition,
            (record with
            {
                Definition = definition.Name,
                Version = definition.Version,
                Fingerprint = definition.Fingerprint,
                DataJson = start.DataJson,
                StartDataHash = Hash(start.DataJson),
                Phase = SagaPhase.Running,
                Steps = [.. definition.Steps.Select(step => new SagaStepRecord { Name = step.Name })],
                StartedAt = moment.Now,
                DeadlineAt = moment.Now + definition.Deadline,
                Parent = start.Parent,
                TraceParent = start.TraceParent,
            }).Note(SagaEvent.Started, moment),
            moment);

    /// <summary>
    /// Takes back what a row announces. The record is written although it says nothing new: the write that was announced may still be under way in another
    /// activation, which then loses its ETag.
    /// </summary>
    internal static SagaDecision Abandon(SagaRecord record, SagaMoment moment) => new(
        record with { Revision = record.Revision + 1, EndedAt = record.Phase == SagaPhase.None ? moment.Now : record.EndedAt }, []);

    /// <summary>
    /// Goes on where the record says: after a wait, a crash, when there is room. An attempt that is open and not alive is lost: its activation is gone,
    /// or has been replaced, and it may have taken effect.
    /// </summary>
    /// <remarks>One that was parked for want of its definition goes on, since there is one now.</remarks>
    /// <param name="definition">The definition that the record names.</param>
    /// <param name="record">The record.</param>
    /// <param name="isAlive">Whether this activation has an attempt under way.</param>
    /// <param name="moment">The rest.</param>
    internal static SagaDecision Resume(
        SagaDefinition definition, SagaRecord record, Func<int, SagaDirection, bool> isAlive, SagaMoment moment)
    {
        var goingOn = record is { Phase: SagaPhase.Parked, IsAwaitingDefinition: true }
            ? Unhalted(record).Note(SagaEvent.Retried, moment, detail: "The definition is there again.")
            : record;
        return Advanced(record, definition, WithoutLost(goingOn, isAlive, moment), moment);
    }

    /// <summary>Notes that the saga is to be undone. Without its definition that is all; it is undone when that is there again.</summary>
    internal static (SagaDecision Decision, SagaCancelOutcome Outcome) Cancel(SagaDefinition? definition, SagaRecord record, SagaMoment moment)
    {
        var unchanged = new SagaDecision(record, []);
        return record switch
        {
            { Phase: SagaPhase.None } => (unchanged, SagaCancelOutcome.NotFound),
            { Phase: SagaPhase.Completed or SagaPhase.GivenUp } => (unchanged, SagaCancelOutcome.TooLate),
            { Phase: SagaPhase.Compensating or SagaPhase.Compensated } or { StuckIn: SagaPhase.Compensating } or { CompensationReason: not null } =>
                (unchanged, SagaCancelOutcome.AlreadyUndone),
            _ when definition is null || Mismatch(definition, record) is not null => (
                record.IsCancelRequested
                    ? unchanged
                    : Changed(record, new((record with { IsCancelRequested = true }).Note(SagaEvent.CancelRequested, moment), []), moment),
                SagaCancelOutcome.Requested),
            _ when IsPastPivot(definition, record) => (unchanged, SagaCancelOutcome.TooLate),
            { Phase: SagaPhase.Running, IsCancelRequested: true } => (unchanged, SagaCancelOutcome.Requested),
            _ => (Cancelled(definition, record, moment), SagaCancelOutcome.Requested),
        };
    }

    /// <summary>
    /// Undoes a saga because the step is undone that it is. One that was never started becomes one that is undone, so that a start which is still under
    /// way finds its id taken.
    /// </summary>
    internal static (SagaDecision Decision, SagaUndoReply Reply) Undo(
        SagaDefinition? definition, SagaRecord record, SagaParent parent, string definitionName, SagaMoment moment)
    {
        var unchanged = new SagaDecision(record, []);
        if (record.Phase == SagaPhase.None)
        {
            var undone = record with
            {
                Definition = definitionName,
                Phase = SagaPhase.Compensated,
                Parent = parent,
                CompensationReason = "It was undone before it began.",
                StartedAt = moment.Now,
                EndedAt = moment.Now,
            };
            return (Changed(record, new(undone, []), moment), SagaUndoReply.Undoing);
        }

        if (record.Parent != parent)
        {
            // Somebody else's saga has the id, so the child was never started.
            return (unchanged, SagaUndoReply.NothingToUndo);
        }

        if (record.Phase == SagaPhase.GivenUp)
        {
            return (unchanged, SagaUndoReply.RefusedForGood("It was given up by an operator."));
        }

        if (record.Phase != SagaPhase.Compensated && Mismatch(definition, record) is { } mismatch)
        {
            return (unchanged, SagaUndoReply.Refused(mismatch));
        }

        if (record.Phase == SagaPhase.Completed)
        {
            var turned = (record with
            {
                Phase = SagaPhase.Compensating, Stage = definition!.StageCount - 1, EndedAt = null, ResultJson = null,
            }).TurnRound("The saga that it is a step of is undone.", moment);
            return definition.PivotStage is null
                ? (Advanced(record, definition, turned, moment), SagaUndoReply.Undoing)
                : (unchanged, SagaUndoReply.RefusedForGood("It is completed, and past its pivot."));
        }

        var (decision, outcome) = Cancel(definition, record, moment);
        return (decision, outcome == SagaCancelOutcome.TooLate ? SagaUndoReply.RefusedForGood("It is past its pivot.") : SagaUndoReply.Undoing);
    }

    /// <summary>Stops a saga that cannot go on with the definition that there is; its open attempts, if any, count as lost when it does go on.</summary>
    internal static SagaDecision AwaitDefinition(SagaRecord record, string reason, SagaMoment moment) =>
        record.Phase is SagaPhase.Running or SagaPhase.Compensating
            ? Changed(record, new(record.Halt(SagaPhase.Parked, reason, moment) with { IsAwaitingDefinition = true }, []), moment)
            : new(record, []);

    /// <summary>Why a saga cannot go on with this definition; null: it can.</summary>
    /// <param name="definition">What is registered under the record's name and version, if anything.</param>
    /// <param name="record">The record.</param>
    internal static string? Mismatch(SagaDefinition? definition, SagaRecord record)
    {
        if (definition is null)
        {
            return $"Version {record.Version} of saga definition '{record.Definition}' is not registered on this silo. "
                + "Register it on every silo; the saga then goes on by itself.";
        }

        if (definition.Fingerprint == record.Fingerprint)
        {
            return null;
        }

        var (registered, begun) = (Names(definition.Steps.Select(step => step.Name)), Names(record.Steps.Select(step => step.Name)));
        const string Advice = "Give changed steps a new version and register the old one as well; the saga then goes on by itself.";
        return registered != begun
            ? $"Version {record.Version} of saga definition '{record.Definition}' has the steps {registered}, but this saga began with {begun}. {Advice}"
            : record.Fingerprint.Length > 0
            ? $"Version {record.Version} of saga definition '{record.Definition}' has the fingerprint {definition.Fingerprint}, but this saga began with "
                + $"{record.Fingerprint}: the steps {registered} have kept their names, and changed in kind, grouping, condition, pivot or in what can be "
                + $"undone. {Advice}"
            : null;
    }

    /// <summary>When something is due that nobody has to report; null: never.</summary>
    internal static DateTimeOffset? NextDue(SagaDefinition definition, SagaRecord record)
    {
        if (record.Phase is not (SagaPhase.Running or SagaPhase.Compensating))
        {
            return null;
        }

        var due = record.Steps
            .Where(step => !step.IsOpen && step.State is SagaStepState.Running or SagaStepState.Compensating or SagaStepState.Waiting)
            .Min(step => step.DueAt);
        return record is { Phase: SagaPhase.Running, CompensationReason: null, DeadlineAt: { } deadline }
            && SagaAdvance.CanTurn(definition, record)
            && (due is null || deadline < due)
                ? deadline
                : due;
    }

    /// <summary>Whether attempts are under way or could be, so that somebody has to see to it that the saga goes on.</summary>
    internal static bool IsActive(SagaDefinition definition, SagaRecord record) =>
        record.Phase is SagaPhase.Running or SagaPhase.Compensating
        && (record.Steps.Any(step => step.IsOpen) || IsHeldBack(definition, record));

    /// <summary>Whether an action could begin if there were room.</summary>
    internal static bool IsHeldBack(SagaDefinition definition, SagaRecord record) =>
        record is { Phase: SagaPhase.Running, CompensationReason: null }
        && record.Steps.Index().Any(pair =>
            definition.Steps[pair.Index].Stage == record.Stage
            && pair.Item is { State: SagaStepState.Pending } or { State: SagaStepState.Running, IsOpen: false, DueAt: null });

    internal static string? PivotName(SagaDefinition? definition) => definition?.Steps.FirstOrDefault(step => step.IsPivot)?.Name;

    /// <exception cref="SagaFaultException">The computation, which is the user's, has failed.</exception>
    internal static T Compute<T>(string what, Func<T> compute)
    {
        try
        {
            return compute();
        }
        catch (Exception exception)
        {
            throw new SagaFaultException($"{what} cannot be computed from the data: {exception.GetType().Name}: {exception.Message}", exception);
        }
    }

    /// <summary>One that has stopped at its pivot stays where it is: going on would do the pivot again, and only an operator knows whether to undo.</summary>
    private static SagaDecision Cancelled(SagaDefinition definition, SagaRecord record, SagaMoment moment)
    {
        var noted = record.IsCancelRequested
            ? record
            : (record with { IsCancelRequested = true }).Note(SagaEvent.CancelRequested, moment);
        var goingOn = Unhalted(noted);
        return record.IsHalted && !SagaAdvance.CanTurn(definition, goingOn)
            ? Changed(record, new(noted, []), moment)
            : Advanced(record, definition, goingOn, moment);
    }

    private static bool IsPastPivot(SagaDefinition definition, SagaRecord record) => definition.PivotStage is { } pivot && record.Stage > pivot;

    private static SagaRecord WithoutLost(SagaRecord record, Func<int, SagaDirection, bool> isAlive, SagaMoment moment)
    {
        var known = record;
        for (var index = 0; index < record.Steps.Length; index++)
        {
            if (record.Steps[index].Action.IsOpen && !isAlive(index, SagaDirection.Action))
            {
                known = Lose(known, index, SagaDirection.Action, moment);
            }

            if (record.Steps[index].Compensation.IsOpen && !isAlive(index, SagaDirection.Compensation))
            {
                known = Lose(known, index, SagaDirection.Compensation, moment);
            }
        }

        return known;
    }

    private static SagaRecord Lose(SagaRecord record, int index, SagaDirection direction, SagaMoment moment)
    {
        var lost = record.NoteAttempt(SagaEvent.Lost, moment, index, direction).WithStep(index, step => direction == SagaDirection.Action
            ? step with { Action = step.Action.Lose() }
            : step with { Compensation = step.Compensation.Lose() });
        var step = lost.Steps[index];
        return (direction == SagaDirection.Action ? step.Action : step.Compensation).Lost < MaxLostAttempts
            ? lost
            : lost.Halt(
                SagaPhase.Parked,
                $"{Naming(step, direction)} was cut off {MaxLostAttempts} times by the end of its silo, and may be the cause.",
                moment);
    }

    /// <summary>Makes a stuck or parked saga one that can go on, with all its attempts anew.</summary>
    private static SagaRecord Unhalted(SagaRecord record) => !record.IsHalted ? record : record with
    {
        Phase = record.StuckIn,
        StuckIn = SagaPhase.None,
        StuckReason = null,
        IsAwaitingDefinition = false,
        Steps =
        [
            .. record.Steps.Select(step => step.State switch
            {
                SagaStepState.Running => step with { Action = step.Action.Forgive(), DueAt = null },
                SagaStepState.Unknown when record.CompensationReason is null =>
                    step with { State = SagaStepState.Running, Action = step.Action.Forgive(), IsOutcomeUnknown = false },
                SagaStepState.Rejected when record.CompensationReason is null =>
                    step with { State = SagaStepState.Running, Action = step.Action.Forgive() },
                SagaStepState.Compensating or SagaStepState.CompensationFailed =>
                    step with { State = SagaStepState.Compensating, Compensation = step.Compensation.Forgive(), DueAt = null },
                _ => step,
            }),
        ],
    };

    private static SagaDecision Advanced(SagaRecord before, SagaDefinition definition, SagaRecord changed, SagaMoment moment) =>
        Changed(before, SagaAdvance.From(definition, changed, moment), moment);

    private static SagaDecision Changed(SagaRecord before, SagaDecision decision, SagaMoment moment) =>
        ReferenceEquals(before, decision.Record)
            ? decision
            : decision with { Record = decision.Record.Trimmed(moment.MaxHistory) with { Revision = before.Revision + 1 } };

    /// <summary>
    /// Data that has outgrown its bound stops the saga: what the steps have done stands, and an operator raises the bound or gives up. A step that is given such
    /// data can run, and be undone, once it goes on.
    /// </summary>
    internal static SagaRecord WithinBounds(SagaRecord record, SagaMoment moment)
    {
        var bytes = Encoding.UTF8.GetByteCount(record.DataJson);
        return bytes <= moment.MaxDataBytes
            ? record
            : record.Halt(
                SagaPhase.Parked, $"The data has grown to {bytes} bytes; SagaOptions.MaxDataBytes is {moment.MaxDataBytes}. Raise it, then retry.", moment);
    }

    private static string Naming(SagaStepRecord step, SagaDirection direction) =>
        direction == SagaDirection.Action ? $"Step '{step.Name}'" : $"The compensation of step '{step.Name}'";

    private static string Hash(string json) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static string Names(IEnumerable<string> names) => $"[{string.Join(", ", names)}]";
}
