using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Attempts: they call a service, or leave the call behind, and answer.</summary>
internal sealed partial class SagaSimulation
{
    private void Fly(SagaSimulationFlight flight)
    {
        var (step, direction, attempt) = flight.Move;
        if (flight.Report is { } report)
        {
            Answer(flight, report);
        }
        else if (!flight.HasCalled)
        {
            // As long after the write as it may be: one that does not begin at once asks first.
            if (Flaw != SagaSimulationFlaw.NoConfirmation && !SagaRules.IsOpen(_store, step, direction, attempt))
            {
                Finish(flight);
            }
            else if (_random.Next(60) == 0)
            {
                flight.Report = Report(flight, SagaAttemptOutcome.Unreadable);
            }
            else
            {
                CheckBegins(flight.Move);
                flight.HasCalled = true;
            }
        }
        else if (direction == SagaDirection.Compensation && !flight.HasSealed)
        {
            if (Flaw != SagaSimulationFlaw.NoSeal)
            {
                _services.Seal(step);
            }

            flight.HasSealed = true;
        }
        else if (_random.Next(12) == 0)
        {
            Leave(flight, SagaAttemptOutcome.Failed);
        }
        else
        {
            flight.Report = Report(flight, _services.Call(step, direction));
        }
    }

    /// <summary>An attempt ends before its call is answered, which goes on.</summary>
    private void Leave(SagaSimulationFlight flight, SagaAttemptOutcome outcome)
    {
        if (flight.HasCalled)
        {
            _leftBehind.Add((flight.Move, flight.HasSealed));
        }

        flight.Report = Report(flight, outcome);
    }

    private void LandLeftBehind()
    {
        if (_leftBehind.Count == 0)
        {
            return;
        }

        var index = _random.Next(_leftBehind.Count);
        var (move, isSealed) = _leftBehind[index];
        _leftBehind.RemoveAt(index);
        if (move.Direction == SagaDirection.Compensation && !isSealed)
        {
            _services.Seal(move.Step);
        }
        else
        {
            _services.Call(move.Step, move.Direction);
        }
    }

    private static SagaAttemptReport Report(SagaSimulationFlight flight, SagaAttemptOutcome outcome)
    {
        var (step, direction, attempt) = flight.Move;
        var before = flight.Record.DataJson;
        var name = $"{(direction == SagaDirection.Compensation ? "-" : "")}{flight.Record.Steps[step].Name}";
        return new()
        {
            Step = step,
            Direction = direction,
            Attempt = attempt,
            Outcome = outcome,
            Error = "e",
            DataJson = outcome == SagaAttemptOutcome.Succeeded ? SagaSimulationPlan.Count(before, name) : null,
            BaseDataJson = outcome == SagaAttemptOutcome.Succeeded ? before : null,
        };
    }

    private void Answer(SagaSimulationFlight flight, SagaAttemptReport report)
    {
        if (Fault() && _random.Next(3) == 0)
        {
            Finish(flight);
        }
        else if (Idle() is { } grain)
        {
            Begin(grain, $"{flight.Move} {report.Outcome}", Complete(), isHeard =>
            {
                if (isHeard)
                {
                    Finish(flight);
                }
            });

            IEnumerable<bool> Complete()
            {
                if (!SagaRules.IsOpen(grain.Record, report.Step, report.Direction, report.Attempt))
                {
                    return [];
                }

                grain.Attempts.Remove((report.Step, report.Direction));
                return Commit(grain, Decide(grain, definition => SagaRules.Complete(definition, grain.Record, report, Moment())));
            }
        }
    }

    private void Finish(SagaSimulationFlight flight)
    {
        flight.IsFinished = true;
        _flights.Remove(flight);
    }
}
