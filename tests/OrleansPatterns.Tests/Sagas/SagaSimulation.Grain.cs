using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>The grain, pausing where SagaGrain awaits: announce the row, write the record, begin the attempts, show the row.</summary>
internal sealed partial class SagaSimulation
{
    private SagaDefinition? DefinitionOf(SagaSimulationActivation grain) => grain.HasDefinition ? _definition : null;

    private SagaMoment Moment() => new(_now, "silo", _random.NextDouble(), _definition.MaxConcurrency is null || _random.Next(3) > 0, MaxHistory, int.MaxValue);

    private static bool IsAlive(SagaSimulationActivation grain, int step, SagaDirection direction) =>
        grain.Attempts.TryGetValue((step, direction), out var flight) && !flight.IsFinished;

    private SagaDecision Decide(SagaSimulationActivation grain, Func<SagaDefinition, SagaDecision> rule) =>
        SagaRules.Mismatch(DefinitionOf(grain), grain.Record) is { } reason
            ? SagaRules.AwaitDefinition(grain.Record, reason, Moment())
            : rule(_definition);

    private IEnumerable<bool> Start(SagaSimulationActivation grain, SagaStart start) =>
        SagaRules.Compare(grain.Record, start) == SagaStartOutcome.Started
            ? Commit(grain, SagaRules.Start(_definition, grain.Record, start, Moment()))
            : [];

    /// <summary>Takes the saga for a new one; where it is not, the write is refused and the record read.</summary>
    private IEnumerable<bool> StartUnread(SagaSimulationActivation grain, SagaStart start)
    {
        (grain.Record, grain.IsBlind) = (new(), true);
        foreach (var pause in Start(grain, start))
        {
            yield return pause;
        }

        if (!grain.IsBlind || grain.HasFailed)
        {
            yield break;
        }

        yield return true;
        (grain.Record, grain.IsBlind, grain.RowWakesAt) = (_store, false, null);
        foreach (var pause in Start(grain, start))
        {
            yield return pause;
        }
    }

    private IEnumerable<bool> Resume(SagaSimulationActivation grain)
    {
        grain.TimerAt = null;
        if (grain.Record is { Phase: SagaPhase.Running or SagaPhase.Compensating } or { IsAwaitingDefinition: true })
        {
            foreach (var pause in Commit(grain, Decide(grain, definition => SagaRules.Resume(
                definition, grain.Record, (step, direction) => IsAlive(grain, step, direction), Moment()))))
            {
                yield return pause;
            }
        }

        grain.IsGoing |= grain.Record.IsAwaitingDefinition;
    }

    private IEnumerable<bool> Wake(SagaSimulationActivation grain)
    {
        grain.RowWakesAt = null;
        if (grain.Record.Phase == SagaPhase.None)
        {
            foreach (var pause in Commit(grain, SagaRules.Abandon(grain.Record, Moment())))
            {
                yield return pause;
            }

            if (!grain.HasFailed)
            {
                yield return true;
                _row = Fault() || _row?.Version > grain.Record.Revision ? _row : null;
            }

            yield break;
        }

        var found = grain.Record;
        foreach (var pause in found.IsFinal ? Tell(grain) : Resume(grain))
        {
            yield return pause;
        }

        var isFenced = Flaw != SagaSimulationFlaw.NoFence && !(WakeIn(grain, found) <= Recovery);
        if (!grain.HasFailed && ReferenceEquals(found, grain.Record) && !found.IsFinal && isFenced)
        {
            foreach (var pause in Commit(grain, SagaRules.Abandon(found, Moment())))
            {
                yield return pause;
            }
        }

        var isAtWork = grain.Record.Phase is SagaPhase.Running or SagaPhase.Compensating && WakeIn(grain, grain.Record) <= Recovery;
        if (!grain.HasFailed && (found.IsFinal || (!grain.Record.IsFinal && (grain.RowWakesAt is null || !isAtWork))))
        {
            foreach (var pause in WriteRow(grain, grain.Record, WakeIn(grain, grain.Record)))
            {
                yield return pause;
            }
        }
    }

    /// <summary>Tells the saga that this one is a step of.</summary>
    private IEnumerable<bool> Tell(SagaSimulationActivation grain)
    {
        yield return true;
        grain.HasFailed |= Fault();
        _isParentTold |= !grain.HasFailed;
    }

    private IEnumerable<bool> Commit(SagaSimulationActivation grain, SagaDecision decision)
    {
        var (before, next) = (grain.Record, decision.Record);
        if (ReferenceEquals(before, next))
        {
            ArmTimer(grain);
            yield break;
        }

        foreach (var pause in Announce(grain, before, next))
        {
            yield return pause;
        }

        if (grain.HasFailed)
        {
            grain.IsGoing = true;
            yield break;
        }

        yield return true;
        if (grain.IsBlind && _store.Revision > 0)
        {
            yield break;
        }

        grain.IsBlind = false;
        if (_store.Revision != before.Revision || Fault())
        {
            (grain.HasFailed, grain.IsGoing) = (true, true);
            yield break;
        }

        Write(next);
        Trace?.Add($"{grain.Silo} writes {Show(next)}");
        grain.Record = next;
        if (Fault())
        {
            // Written, but the answer was lost: the activation ends without having begun anything.
            (grain.HasFailed, grain.IsGoing) = (true, true);
            yield break;
        }

        foreach (var move in decision.Runs)
        {
            Require(_begun.Add(move), $"{move} was begun twice.", next);
            var wasOpen = SagaRules.IsOpen(before, move.Step, move.Direction, move.Attempt - 1);
            Require(!wasOpen || !IsAlive(grain, move.Step, move.Direction), $"{move} begins while the one before is alive.", next);
            var flight = new SagaSimulationFlight(move, next, grain.Silo);
            _flights.Add(flight);
            grain.Attempts[(move.Step, move.Direction)] = flight;
        }

        ArmTimer(grain);
        foreach (var pause in Show(grain, before, next))
        {
            yield return pause;
        }
    }

    private IEnumerable<bool> Announce(SagaSimulationActivation grain, SagaRecord before, SagaRecord next)
    {
        var isStopping = next.Phase is not (SagaPhase.Running or SagaPhase.Compensating);
        if (Flaw == SagaSimulationFlaw.NoAnnouncement || (isStopping && Flaw == SagaSimulationFlaw.NoAnnouncementOfStops))
        {
            yield break;
        }

        if (next.Phase != SagaPhase.None && !(grain.RowWakesAt <= _now + Recovery))
        {
            var announced = (before.Phase == SagaPhase.None ? next : before) with
            {
                Revision = Flaw == SagaSimulationFlaw.AnnouncementOfOldVersion ? before.Revision : next.Revision,
            };
            foreach (var pause in WriteRow(grain, announced, Recovery))
            {
                yield return pause;
            }
        }
    }

    private IEnumerable<bool> Show(SagaSimulationActivation grain, SagaRecord before, SagaRecord next)
    {
        var isNews = before.Phase != next.Phase && (before.Phase, next.Phase) != (SagaPhase.None, SagaPhase.Running);
        var isAtWork = next.Phase is SagaPhase.Running or SagaPhase.Compensating && WakeIn(grain, next) <= Recovery;
        if (next.Phase == SagaPhase.None || (!isNews && isAtWork))
        {
            yield break;
        }

        if (next.IsFinal)
        {
            foreach (var pause in Tell(grain))
            {
                yield return pause;
            }
        }

        foreach (var pause in WriteRow(grain, next, grain.HasFailed ? Recovery : WakeIn(grain, next)))
        {
            yield return pause;
        }

        // Whatever fails here is only logged.
        grain.HasFailed = false;
    }

    private IEnumerable<bool> WriteRow(SagaSimulationActivation grain, SagaRecord record, TimeSpan? wakeIn)
    {
        grain.RowWakesAt = null;
        yield return true;
        grain.HasFailed = Fault();
        if (!grain.HasFailed || _random.Next(2) == 0)
        {
            if (_row is null || _row.Version <= record.Revision)
            {
                _row = new(record.Revision, record.Phase, _now + wakeIn);
                Trace?.Add($"{grain.Silo} writes {_row}");
            }
        }

        grain.RowWakesAt = grain.HasFailed ? null : _now + wakeIn;
    }

    private TimeSpan? WakeIn(SagaSimulationActivation grain, SagaRecord record) => record switch
    {
        { Phase: SagaPhase.None } => null,
        { IsFinal: true } => TimeSpan.FromDays(30),
        { IsAwaitingDefinition: true } => DefinitionRetry,
        { IsHalted: true } => null,
        _ when !grain.HasDefinition || record.Steps.Any(step => step.IsOpen) => Recovery,
        _ when SagaRules.IsHeldBack(_definition, record) && !(SagaRules.NextDue(_definition, record) - _now < DefinitionRetry) => DefinitionRetry,
        _ when SagaRules.NextDue(_definition, record) is { } due => due > _now ? due - _now : TimeSpan.Zero,
        _ => null,
    };

    private void ArmTimer(SagaSimulationActivation grain) =>
        grain.TimerAt = grain.HasDefinition && SagaRules.NextDue(_definition, grain.Record) is { } due && due - _now <= Recovery ? due : null;

    private sealed record Row(long Version, SagaPhase Phase, DateTimeOffset? WakeAt);
}
