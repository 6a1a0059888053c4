using System.Collections.Immutable;
using System.Text;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Takes a record as far as it can go at this moment: whatever does not have to wait for anybody is decided in one go.</summary>
/// <remarks>
/// Forward: the steps of the stage are begun; when all are settled, those of the next. Once it is decided to turn round nothing begins any more,
/// and when no attempt is under way any longer the undoing begins, stage by stage backwards. Stages are done one after the other, so that
/// is the reverse order of completion.
/// </remarks>
internal sealed class SagaAdvance
{
    internal static readonly TimeSpan MaxDelay = TimeSpan.FromDays(3653);

    private readonly SagaDefinition _definition;
    private readonly SagaMoment _moment;
    private readonly ImmutableArray<SagaMove>.Builder _runs = ImmutableArray.CreateBuilder<SagaMove>();
    private SagaRecord _record;

    private SagaAdvance(SagaDefinition definition, SagaRecord record, SagaMoment moment) =>
        (_definition, _record, _moment) = (definition, record, moment);

    internal static SagaDecision From(SagaDefinition definition, SagaRecord record, SagaMoment moment)
    {
        var advance = new SagaAdvance(definition, record, moment);
        try
        {
            while (advance.MoveOn())
            {
            }
        }
        catch (SagaFaultException fault)
        {
            advance._record = advance._record.Halt(SagaPhase.Parked, fault.Message, moment);
        }

        return new(advance._record, advance._runs.ToImmutable());
    }

    /// <summary>Whether the saga may still turn round: it has not come to its pivot, or what the pivot has done can be undone.</summary>
    internal static bool CanTurn(SagaDefinition definition, SagaRecord record)
    {
        if (definition.PivotStage is not { } pivotStage || record.Stage < pivotStage)
        {
            return true;
        }

        if (record.Stage > pivotStage)
        {
            return false;
        }

        var pivot = definition.Steps.Single(step => step.IsPivot);
        var step = record.Steps[definition.Steps.IndexOf(pivot)];
        return step.State switch
        {
            SagaStepState.Pending or SagaStepState.Rejected => true,
            SagaStepState.Running => !step.Action.IsOpen && pivot.Compensation is not null,
            SagaStepState.Unknown => pivot.Compensation is not null,
            _ => false,
        };
    }

    /// <returns>Whether there may be more to decide.</returns>
    private bool MoveOn() => _record.Phase switch
    {
        SagaPhase.Running when ReasonToTurn() is { } reason => Turn(reason),
        SagaPhase.Running => Forward(),
        SagaPhase.Compensating => Backward(),
        _ => false,
    };

    private string? ReasonToTurn()
    {
        if (_record.CompensationReason is not null)
        {
            return _record.CompensationReason;
        }

        var reason = _record switch
        {
            { IsCancelRequested: true } => "It was cancelled.",
            { DeadlineAt: { } deadline } when deadline <= _moment.Now => $"It was not through by its deadline, {deadline:u}.",
            _ => null,
        };
        return reason is not null && CanTurn(_definition, _record) ? reason : null;
    }

    private bool Turn(string reason)
    {
        _record = _record.TurnRound(reason, _moment);
        foreach (var index in StepsOf(_record.Stage))
        {
            switch (_record.Steps[index])
            {
                case { IsOpen: true }:
                    break;
                case { State: SagaStepState.Running }:
                    SetState(index, SagaStepState.Unknown);
                    break;
                case { State: SagaStepState.Waiting } when _definition.Steps[index].Kind == SagaStepKind.Child:
                    SetState(index, SagaStepState.Unknown);
                    break;
                case { State: SagaStepState.Waiting }:
                    SetState(index, SagaStepState.Skipped);
                    break;
            }
        }

        if (StepsOf(_record.Stage).Any(index => _record.Steps[index].IsOpen))
        {
            return false;
        }

        _record = _record with { Phase = SagaPhase.Compensating };
        return true;
    }

    private bool Forward()
    {
        // Conditions and waits come first: a signal whose time is up turns the saga round, and nothing must be begun only to be cancelled.
        foreach (var index in StepsOf(_record.Stage))
        {
            Settle(index);
            if (_record.CompensationReason is not null || _record.Phase != SagaPhase.Running)
            {
                return true;
            }
        }

        foreach (var index in StepsOf(_record.Stage))
        {
            if (_record.Steps[index] is { State: SagaStepState.Pending or SagaStepState.Running, IsOpen: false } step && IsDue(step))
            {
                BeginAction(index);
            }
        }

        if (!StepsOf(_record.Stage).All(index => _record.Steps[index].State is SagaStepState.Succeeded or SagaStepState.Skipped))
        {
            return false;
        }

        if (_record.Stage + 1 < _definition.StageCount)
        {
            _record = _record with { Stage = _record.Stage + 1 };
            return true;
        }

        var result = SagaRules.Compute("The result", () => _definition.Result?.Invoke(_record.DataJson));
        if (result is not null && Encoding.UTF8.GetByteCount(result) is var bytes && bytes > _moment.MaxDataBytes)
        {
            throw new SagaFaultException($"The result has {bytes} bytes; SagaOptions.MaxDataBytes is {_moment.MaxDataBytes}. Raise it, then retry.");
        }

        _record = _record with { ResultJson = result };
        End(SagaPhase.Completed);
        return false;
    }

    private void Settle(int index)
    {
        var (step, definition) = (_record.Steps[index], _definition.Steps[index]);
        switch (step.State, definition.Kind)
        {
            case (SagaStepState.Pending, _)
                when definition.Condition is { } condition
                && !SagaRules.Compute($"The condition of step '{step.Name}'", () => condition(_record.DataJson)):
                SetState(index, SagaStepState.Skipped);
                break;
            case (SagaStepState.Pending, SagaStepKind.Delay):
                Wait(index, DelayOf(step, definition));
                break;
            case (SagaStepState.Pending, SagaStepKind.Signal):
                Wait(index, definition.Deadline);
                break;
            case (SagaStepState.Waiting, SagaStepKind.Delay) when IsDue(step):
                SetState(index, SagaStepState.Succeeded);
                break;
            case (SagaStepState.Waiting, SagaStepKind.Signal):
                AwaitSignal(index);
                break;
        }
    }

    private TimeSpan DelayOf(SagaStepRecord step, SagaStepDefinition definition)
    {
        var delay = SagaRules.Compute($"The delay of step '{step.Name}'", () => definition.Delay!(_record.DataJson));
        return delay <= MaxDelay
            ? TimeSpan.FromTicks(Math.Max(0, delay.Ticks))
            : throw new SagaFaultException($"The delay of step '{step.Name}' is {delay}; it must be at most {MaxDelay}.");
    }

    /// <summary>Waits from now on; what it waits for may be there already.</summary>
    private void Wait(int index, TimeSpan? duration)
    {
        _record = _record.WithStep(index, step => step with { State = SagaStepState.Waiting, DueAt = _moment.Now + duration });
        Settle(index);
    }

    private void AwaitSignal(int index)
    {
        var (step, definition) = (_record.Steps[index], _definition.Steps[index]);
        if (_record.Signals.FirstOrDefault(signal => signal.Name == step.Name) is { } signal)
        {
            var data = definition.Apply is { } apply
                ? SagaRules.Compute($"What step '{step.Name}' does with its signal", () => apply(_record.DataJson, signal.PayloadJson))
                : _record.DataJson;
            _record = (_record with { DataJson = data, Signals = _record.Signals.Remove(signal) }).WithStep(
                index, waiting => waiting with { State = SagaStepState.Succeeded, DueAt = null, SignalId = signal.SignalId });
            _record = SagaRules.WithinBounds(_record, _moment);
        }
        else if (step.DueAt is not null && IsDue(step))
        {
            _record = _record.Note(SagaEvent.DeadlinePassed, _moment, step.Name);
            if (definition.Otherwise == SagaDeadlineAction.Continue)
            {
                SetState(index, SagaStepState.Skipped);
            }
            else
            {
                SetState(index, SagaStepState.Rejected);
                _record = _record.TurnRound($"Signal '{step.Name}' did not come within {definition.Deadline}.", _moment);
            }
        }
    }

    private void BeginAction(int index)
    {
        if (_moment.MayRun)
        {
            _record = _record.WithStep(
                index, step => step with { State = SagaStepState.Running, Action = step.Action.Begin(_moment), DueAt = null });
            _runs.Add(new SagaMove(index, SagaDirection.Action, _record.Steps[index].Action.Begun));
        }
        else if (_record.Steps[index].DueAt is not null)
        {
            // Its time has come and it waits for room instead.
            _record = _record.WithStep(index, step => step with { DueAt = null });
        }
    }

    private bool Backward()
    {
        var isUnderWay = false;
        foreach (var index in StepsOf(_record.Stage))
        {
            var step = _record.Steps[index];
            var begins = step.State switch
            {
                SagaStepState.Succeeded or SagaStepState.Unknown => _definition.Steps[index].Compensation is not null,
                SagaStepState.Compensating => !step.Compensation.IsOpen && IsDue(step),
                _ => false,
            };
            if (begins)
            {
                _record = _record.WithStep(index, undone => undone with
                {
                    State = SagaStepState.Compensating, Compensation = undone.Compensation.Begin(_moment), DueAt = null,
                });
                _runs.Add(new SagaMove(index, SagaDirection.Compensation, _record.Steps[index].Compensation.Begun));
            }

            isUnderWay |= _record.Steps[index].State == SagaStepState.Compensating;
        }

        if (isUnderWay)
        {
            return false;
        }

        if (_record.Stage == 0)
        {
            End(SagaPhase.Compensated);
            return false;
        }

        _record = _record with { Stage = _record.Stage - 1 };
        return true;
    }

    private void End(SagaPhase phase) =>
        _record = (_record with { Phase = phase, EndedAt = _moment.Now, Signals = [] }).Note(SagaEvent.Ended, _moment, detail: phase.ToString());

    private void SetState(int index, SagaStepState state) => _record = _record.WithStep(
        index, step => step with { State = state, DueAt = null, IsOutcomeUnknown = step.IsOutcomeUnknown || state == SagaStepState.Unknown });

    private bool IsDue(SagaStepRecord step) => step.DueAt is not { } due || due <= _moment.Now;

    private IEnumerable<int> StepsOf(int stage)
    {
        for (var index = 0; index < _definition.Steps.Length; index++)
        {
            if (_definition.Steps[index].Stage == stage)
            {
                yield return index;
            }
        }
    }
}
