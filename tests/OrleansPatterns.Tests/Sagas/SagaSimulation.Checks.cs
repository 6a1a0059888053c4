using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What must hold at each write, at each beginning, at all times, and at the end.</summary>
internal sealed partial class SagaSimulation
{
    private void Write(SagaRecord next)
    {
        var before = _store;
        Require(
            next.Revision == before.Revision + 1 || (before.Phase == SagaPhase.None && next.Revision > before.Revision),
            "The revision does not grow by one.",
            next);
        Require(!before.IsFinal, "It goes on after its end.", next);
        Require(next.History.Length <= MaxHistory, "The history is too long.", next);
        Require(before.CompensationReason is null || next.CompensationReason == before.CompensationReason, "It turns back again.", next);
        Require(Direction(next) >= Direction(before), "It goes back to an earlier phase.", next);
        for (var index = 0; index < before.Steps.Length; index++)
        {
            CheckStep(before, next, index);
        }

        _store = next;

        static SagaPhase Direction(SagaRecord record) => record.IsHalted ? record.StuckIn : record.Phase;
    }

    private void CheckStep(SagaRecord before, SagaRecord next, int index)
    {
        var (was, now, definition) = (before.Steps[index], next.Steps[index], _definition.Steps[index]);
        if (now.Action.Begun > was.Action.Begun)
        {
            Require(now.Action.Begun == was.Action.Begun + 1 && now.Action.IsOpen, "An attempt has been passed over.", next);
            Require(next.CompensationReason is null, "An action begins although the saga has turned round.", next);
            Require(before.IsHalted || was.DueAt is null || was.DueAt <= _now, "An action begins before it is due.", next);
            Require(
                next.Steps.Index().All(pair => _definition.Steps[pair.Index].Stage >= definition.Stage
                    || pair.Item.State is SagaStepState.Succeeded or SagaStepState.Skipped),
                "An action begins before its turn.",
                next);
        }

        if (now.Compensation.Begun > was.Compensation.Begun)
        {
            Require(now.Action.Begun > 0, "A step is undone that was never begun.", next);
            Require(
                was.State is not (SagaStepState.Rejected or SagaStepState.Pending or SagaStepState.Skipped or SagaStepState.Compensated),
                "A step is undone that has not happened.",
                next);
            Require(!before.Steps.Any(step => step.Action.IsOpen && IsOpenIn(next, step)), "It undoes while an action is under way.", next);
            Require(
                next.Steps.Index().All(pair => _definition.Steps[pair.Index].Stage <= definition.Stage
                    || _definition.Steps[pair.Index].Compensation is null
                    || pair.Item.State is not (SagaStepState.Succeeded or SagaStepState.Unknown or SagaStepState.Compensating)),
                "A step is undone before those that came after it.",
                next);
        }

        var isPivotDone = definition.IsPivot && (was.State == SagaStepState.Succeeded || now.Action.IsOpen);
        Require(!isPivotDone || next.CompensationReason is null, "It is undone past its pivot.", next);
        var isDelayed = definition.Kind == SagaStepKind.Delay && now.State == SagaStepState.Succeeded && was.DueAt > _now;
        Require(!isDelayed, "A delay ends before its time.", next);
    }

    private static bool IsOpenIn(SagaRecord record, SagaStepRecord step) => record.Steps.First(other => other.Name == step.Name).Action.IsOpen;

    private void CheckBegins(SagaMove move)
    {
        Require(_begun.Contains(move), $"{move} runs without having been begun.", _store);
        Require(
            move.Direction == SagaDirection.Compensation || (_store.Phase, _store.StuckIn) is not ((SagaPhase.Compensating, _) or (_, SagaPhase.Compensating)),
            $"{move} begins after the undoing has.",
            _store);
    }

    /// <summary>Whatever becomes of all activations from here on: the row wakes the saga, and soon enough.</summary>
    private void CheckWakeUp()
    {
        var isShown = _row?.Phase == _store.Phase && (!_store.IsFinal || _isParentTold);
        DateTimeOffset? needed = _store switch
        {
            { Phase: SagaPhase.None } => null,
            { Phase: SagaPhase.Running or SagaPhase.Compensating } when SagaRules.IsActive(_definition, _store) => _now,
            { Phase: SagaPhase.Running or SagaPhase.Compensating } => SagaRules.NextDue(_definition, _store),
            { IsAwaitingDefinition: true } => _now + DefinitionRetry,
            _ => isShown ? null : _now,
        };
        if (needed is { } at)
        {
            var latest = at > _now ? at : _now;
            Require(_row?.WakeAt is { } wakeAt && wakeAt <= latest + DefinitionRetry, "Nobody wakes it.", _store);
        }
    }

    private void CheckEnd()
    {
        while (_leftBehind.Count > 0)
        {
            LandLeftBehind();
        }

        Require(_store.IsFinal || (_store.IsHalted && _store.StuckReason is not null), "It is not at an end.", _store);
        for (var index = 0; index < _store.Steps.Length; index++)
        {
            CheckEnd(index, _store.Steps[index], _definition.Steps[index]);
        }
    }

    private void CheckEnd(int index, SagaStepRecord step, SagaStepDefinition definition)
    {
        var isDone = step.State switch
        {
            SagaStepState.Succeeded => true,
            SagaStepState.Rejected when _services.IsPardoned(index) => null,
            SagaStepState.Compensated or SagaStepState.Rejected or SagaStepState.Pending => false,
            SagaStepState.Skipped when step.Action.Begun == 0 => false,
            _ => (bool?)null,
        };
        if (definition.Action is not null && isDone is not null)
        {
            Require(_services.HasHappened(index) == isDone, $"Step {step.Name} is {step.State}, and its effect says otherwise.", _store);
        }

        var isPassedOver = step.State == SagaStepState.Skipped && definition.Action is not null && step.Action.Begun > 0;
        Require(!isPassedOver || _passedOver.Contains(index), $"Step {step.Name} was passed over, and no operator has said so.", _store);
        Require(
            _store.Phase switch
            {
                SagaPhase.Completed => step.State is SagaStepState.Succeeded or SagaStepState.Skipped,
                SagaPhase.Compensated => step.State switch
                {
                    SagaStepState.Succeeded or SagaStepState.Unknown => definition.Compensation is null,
                    SagaStepState.Pending or SagaStepState.Rejected or SagaStepState.Compensated => true,
                    SagaStepState.Skipped or SagaStepState.CompensationSkipped => true,
                    _ => false,
                },
                _ => true,
            },
            $"Step {step.Name} is {step.State} at the end.",
            _store);
        var isCounted = definition.Kind != SagaStepKind.Delay && (isDone == true || step.State is SagaStepState.Compensated);
        if (definition.Kind == SagaStepKind.Signal)
        {
            Require(
                SagaSimulationPlan.CountOf(_store.DataJson, step.Name) == (step.State == SagaStepState.Succeeded ? 1 : 0),
                $"Signal {step.Name} was not applied once.",
                _store);
        }
        else if (definition.Kind == SagaStepKind.Action && isCounted)
        {
            var name = step.State == SagaStepState.Compensated ? $"-{step.Name}" : step.Name;
            Require(SagaSimulationPlan.CountOf(_store.DataJson, name) == 1, $"The data of {name} got lost.", _store);
        }
    }

    private void Require(bool condition, string fault, SagaRecord next)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"{fault}\n{Describe()}\nnext: {Show(next)}");
        }
    }

    private string Describe() => string.Join('\n', (IEnumerable<string>)
    [
        .. _definition.Steps.Select(step => $"{step.Name}: {step.Kind} of stage {step.Stage}{(step.IsPivot ? ", pivot" : "")}"
            + $"{(step.Compensation is null ? "" : ", can be undone")}{(step.Condition is null ? "" : ", conditional")}, {step.Retry.MaxAttempts} attempts"),
        .. Trace ?? [],
        $"now {_now:mm:ss.fff}, turn {_turns}, row {_row}, wait {_definition.MaxConcurrency is not null}",
        Show(_store),
    ]);

    private static string Show(SagaRecord record) =>
        $"{record.Revision} {record.Phase}{(record.IsHalted ? $" in {record.StuckIn}" : "")} {record.CompensationReason} {record.StuckReason} at {record.Stage}: "
        + string.Join("; ", record.Steps.Select(step =>
            $"{step.Name} {step.State} {Show(step.Action)} {Show(step.Compensation)} {step.DueAt:mm:ss.f}"));

    private static string Show(SagaTally tally) => $"{tally.Begun}{(tally.IsOpen ? "*" : "")}";
}
