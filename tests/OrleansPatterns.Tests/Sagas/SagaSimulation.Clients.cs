using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Who else calls the saga: wake-ups, timers, clients, children, operators.</summary>
internal sealed partial class SagaSimulation
{
    private void Deliver()
    {
        if (_row is { WakeAt: { } at } row && at <= _now)
        {
            _row = row with { WakeAt = _now + DeliveryLease };
            _wakeUps++;
        }

        if (_wakeUps > 0 && Idle() is { } woken)
        {
            _wakeUps--;
            if (!Fault())
            {
                Begin(woken, "wake", Wake(woken));
            }
        }
        else if (Idle() is { } grain && (grain.TimerAt <= _now || (grain.HasDefinition && SagaRules.IsHeldBack(_definition, grain.Record))))
        {
            Begin(grain, "resume", Resume(grain));
        }
    }

    private void CallFromOutside()
    {
        if (Idle() is not { } grain)
        {
            return;
        }

        if (!grain.HasDefinition && _random.Next(4) == 0)
        {
            // Nobody calls for a while, and it is collected.
            End(grain);
        }
        else if (_store.Phase == SagaPhase.None || _random.Next(30) == 0)
        {
            var start = new SagaStart { Definition = _definition.Name, DataJson = "{}", Parent = SagaTable.Parent };
            if (grain is { HasDefinition: true, IsBlind: true })
            {
                Begin(grain, "start unread", StartUnread(grain, start));
            }
            else if (grain.HasDefinition)
            {
                Begin(grain, "start", Start(grain, start));
            }
        }
        else if (_random.Next(80) == 0)
        {
            Begin(grain, "cancel", Commit(grain, SagaRules.Cancel(DefinitionOf(grain), grain.Record, Moment()).Decision));
        }
        else if (_store.IsHalted && !_store.IsAwaitingDefinition && grain.HasDefinition)
        {
            Intervene(grain);
        }
        else if (_signals.Count > 0 && grain.HasDefinition && grain.Record.Phase != SagaPhase.None && _random.Next(2) == 0)
        {
            var signal = _signals[_random.Next(_signals.Count)];
            var (decision, outcome, _) = SagaRules.Signal(_definition, grain.Record, signal, 1000, Moment());
            var isKnown = _accepted.Contains(signal.SignalId) && grain.Record.Revision == _store.Revision;
            Require(
                !isKnown || outcome is SagaSignalOutcome.Accepted or SagaSignalOutcome.Ended,
                $"Signal {signal.Name} was accepted, and its repetition is {outcome}.",
                _store);
            Begin(grain, $"signal {signal.Name} {outcome}", Commit(grain, decision), isHeard =>
            {
                if (isHeard && outcome == SagaSignalOutcome.Accepted)
                {
                    _accepted.Add(signal.SignalId);
                }
            });
        }
        else if (_services.NextToTell() is { } step)
        {
            var phase = _services.Child(step);
            Begin(
                grain,
                $"child {step} {phase}",
                Commit(grain, Decide(grain, definition => SagaRules.ChildEnded(
                    definition, grain.Record, definition.Steps[step].Name, phase, "{}", "e", Moment()))),
                isHeard =>
                {
                    if (isHeard && !grain.Record.IsAwaitingDefinition)
                    {
                        _services.Told(step, phase);
                    }
                });
        }
    }

    private void Intervene(SagaSimulationActivation grain)
    {
        if (_interventions-- <= 0)
        {
            return;
        }

        var step = _random.Next(_definition.Steps.Length);
        var kind = _random.Next(10) switch
        {
            < 5 => SagaInterventionKind.Retry,
            < 8 => SagaInterventionKind.Skip,
            8 when MayCompensate() => SagaInterventionKind.Compensate,
            9 when _random.Next(2) == 0 => SagaInterventionKind.GiveUp,
            _ => SagaInterventionKind.Retry,
        };
        if (_store.CompensationReason is null && kind == SagaInterventionKind.Retry)
        {
            _services.Pardon();
        }

        if (kind == SagaInterventionKind.Skip)
        {
            _passedOver.Add(step);
        }

        var wish = new SagaIntervention { Kind = kind, By = "o", Reason = "r", Step = _definition.Steps[step].Name };
        Begin(grain, $"{kind} {step}", Commit(grain, SagaRules.Intervene(
            _definition, grain.Record, wish, (lost, direction) => IsAlive(grain, lost, direction), Moment()).Decision));
    }

    /// <summary>An operator who has a pivot undone that cannot be finds out that it has not happened, and sees to it that it does not.</summary>
    private bool MayCompensate()
    {
        foreach (var (index, step) in _definition.Steps.Index())
        {
            if (step is { IsPivot: true, Compensation: null } && _store.Steps[index].State is SagaStepState.Unknown or SagaStepState.Running)
            {
                if (_services.HasHappened(index))
                {
                    return false;
                }

                _services.Seal(index);
            }
        }

        return true;
    }
}
