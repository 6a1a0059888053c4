using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// One saga under <see cref="SagaRules"/> with a store, services that remember idempotency keys, and faults between any two lines: a silo
/// dies with its attempts, a write is refused or its answer lost, an activation is replaced while its attempt goes on and answers late.
/// </summary>
internal sealed class SagaSimulation
{
    private readonly Random _random;
    private readonly SagaDefinition _definition;
    private readonly List<Flight> _flights = [];
    private readonly HashSet<(int Step, SagaDirection Direction, int Attempt)> _begun = [];
    private readonly bool[] _happened;
    private readonly bool[] _sealed;
    private readonly double _faultRate;

    private SagaRecord _store = new();

    /// <summary>What the current activation has read or written; null: there is no activation.</summary>
    private SagaRecord? _memory;
    private Flight? _underWay;
    private bool _isBackingOff;
    private bool _isCompensating;
    private int _lastCompensated = int.MaxValue;

    public SagaSimulation(int seed)
    {
        _random = new Random(seed);
        _faultRate = _random.NextDouble() * 0.4;
        _definition = SagaDefinitionTests.Describe(saga =>
        {
            for (var step = _random.Next(1, 6); step > 0; step--)
            {
                var builder = saga.Step($"s{step}").Do(Nothing).Retry(Attempts()).RetryCompensation(Attempts());
                if (_random.Next(4) > 0)
                {
                    builder.Compensate(Nothing);
                }
            }
        }).Definition;
        _happened = new bool[_definition.Steps.Length];
        _sealed = new bool[_definition.Steps.Length];
    }

    public int Steps { get; private set; }

    public SagaPhase Run()
    {
        var retries = 2;
        for (Steps = 0; Steps < 20_000; Steps++)
        {
            if (_memory is { Phase: not (SagaPhase.None or SagaPhase.Running or SagaPhase.Compensating) } && _memory == _store)
            {
                if (_memory.Phase != SagaPhase.Stuck || retries == 0)
                {
                    CheckEnd(_memory);
                    return _memory.Phase;
                }

                retries--;
                Commit(SagaRules.Resume(_definition, SagaRules.Retry(_memory)));
                continue;
            }

            Turn();
        }

        throw new InvalidOperationException($"No end after {Steps} turns: {_store}");
    }

    private static Task Nothing(SagaStepContext<OrderData> context, CancellationToken cancellationToken) => Task.CompletedTask;

    private SagaRetry Attempts() => new() { MaxAttempts = _random.Next(1, 4) };

    private bool Fault() => _random.NextDouble() < _faultRate;

    private void Turn()
    {
        switch (_random.Next(8))
        {
            case 0 when Fault():
                // The silo dies, and all that runs on it.
                _flights.Clear();
                Drop();
                break;
            case 1 when Fault():
                // The activation is gone or replaced; its attempts go on.
                Drop();
                break;
            case 2 or 3:
                Wake();
                break;
            case 4 when _memory is { Phase: SagaPhase.Running } && _random.Next(20) == 0:
                Cancel(_memory);
                break;
            default:
                if (_flights.Count > 0)
                {
                    Land(_flights[_random.Next(_flights.Count)]);
                }

                break;
        }
    }

    private void Drop()
    {
        _memory = null;
        _underWay = null;
        _isBackingOff = false;
    }

    private void Wake()
    {
        _memory ??= _store;
        if (_memory.Phase == SagaPhase.None)
        {
            var start = new SagaStart { Definition = _definition.Name, DataJson = "" };
            Commit(SagaRules.Start(_definition, _memory, start));
        }
        else if (_underWay is null || _isBackingOff)
        {
            _isBackingOff = false;
            Commit(SagaRules.Resume(_definition, _memory));
        }
    }

    private void Cancel(SagaRecord memory)
    {
        var cancelled = SagaRules.Cancel(memory);
        if (!ReferenceEquals(cancelled, memory))
        {
            Commit(_underWay is null ? SagaRules.Resume(_definition, cancelled) : new(cancelled, SagaMove.None), _underWay);
        }
    }

    /// <summary>An attempt ends, and its answer finds the current activation, or is lost on the way.</summary>
    private void Land(Flight flight)
    {
        if (Fault())
        {
            return;
        }

        flight.Report ??= Execute(flight);
        _memory ??= _store;
        if (!Fault())
        {
            var decision = SagaRules.Complete(_definition, _memory, flight.Report, _random.NextDouble());
            if (!ReferenceEquals(decision.Record, _memory))
            {
                _underWay = null;
                Commit(decision);
            }

            _flights.Remove(flight);
        }
    }

    /// <summary>
    /// The step, against a service that remembers keys: what has happened happens once, what was refused or undone happens no more.
    /// </summary>
    private SagaAttemptReport Execute(Flight flight)
    {
        var (_, step, direction, attempt, _) = flight.Move;
        var outcome = _random.Next(5) switch
        {
            0 => SagaAttemptOutcome.Failed,
            1 => SagaAttemptOutcome.Rejected,
            _ => SagaAttemptOutcome.Succeeded,
        };
        var takesEffect = outcome == SagaAttemptOutcome.Succeeded || (outcome == SagaAttemptOutcome.Failed && _random.Next(2) == 0);
        var data = flight.Record.DataJson;
        if (direction == SagaDirection.Compensation)
        {
            if (takesEffect)
            {
                _happened[step] = false;
                _sealed[step] = true;
            }

            data += $"-{step}";
        }
        else if (_sealed[step] || (outcome == SagaAttemptOutcome.Rejected && !_happened[step]))
        {
            outcome = SagaAttemptOutcome.Rejected;
            _sealed[step] = true;
        }
        else
        {
            outcome = outcome == SagaAttemptOutcome.Rejected ? SagaAttemptOutcome.Succeeded : outcome;
            _happened[step] |= takesEffect || outcome == SagaAttemptOutcome.Succeeded;
            data += $"+{step}";
        }

        return new() { Step = step, Direction = direction, Attempt = attempt, Outcome = outcome, DataJson = data, Error = "e" };
    }

    private void Commit(SagaDecision decision, Flight? keep = null)
    {
        if (ReferenceEquals(decision.Record, _memory))
        {
            return;
        }

        if (Fault())
        {
            Drop();
            return;
        }

        Assert.Equal(_store.Revision, _memory!.Revision);
        Assert.True(decision.Record.Revision > _store.Revision, "A write must raise the revision.");
        CheckPhase(decision.Record);
        _store = decision.Record;
        if (Fault())
        {
            // Written, but the answer was lost: the activation ends without having begun anything.
            Drop();
            return;
        }

        _memory = decision.Record;
        _underWay = keep;
        _isBackingOff = decision.Move.Kind == SagaMoveKind.Wait;
        if (decision.Move.Kind == SagaMoveKind.Run)
        {
            Begin(decision.Move);
        }
    }

    private void Begin(SagaMove move)
    {
        Assert.True(_begun.Add((move.Step, move.Direction, move.Attempt)), $"Attempt {move} was begun twice.");
        var step = _store.Steps[move.Step];
        var tally = move.Direction == SagaDirection.Action ? step.Action : step.Compensation;
        Assert.True(tally.IsOpen && tally.Begun == move.Attempt, $"{move} runs without a record that says so: {step}");
        if (move.Direction == SagaDirection.Action)
        {
            Assert.False(_isCompensating, $"{move} begins after compensation has begun.");
            Assert.All(_store.Steps.Take(move.Step), earlier => Assert.Equal(SagaStepState.Succeeded, earlier.State));
        }
        else
        {
            _isCompensating = true;
            Assert.True(move.Step <= _lastCompensated, $"{move} is not in reverse order, after step {_lastCompensated}.");
            _lastCompensated = move.Step;
        }

        _underWay = new Flight(move, _store);
        _flights.Add(_underWay);
    }

    private void CheckPhase(SagaRecord next)
    {
        var before = _store.Phase == SagaPhase.Stuck ? _store.StuckIn : _store.Phase;
        var after = next.Phase == SagaPhase.Stuck ? next.StuckIn : next.Phase;
        Assert.True(after >= before, $"From {_store.Phase} to {next.Phase}.");
        Assert.False(_store.Phase is SagaPhase.Completed or SagaPhase.Compensated, $"From {_store.Phase} to {next.Phase}.");
    }

    private void CheckEnd(SagaRecord end)
    {
        var states = end.Steps.Select(step => step.State).ToList();
        switch (end.Phase)
        {
            case SagaPhase.Completed:
                Assert.All(states, state => Assert.Equal(SagaStepState.Succeeded, state));
                Assert.All(_happened, Assert.True);
                Assert.Equal(string.Concat(Enumerable.Range(0, states.Count).Select(step => $"+{step}")), end.DataJson);
                break;
            case SagaPhase.Compensated:
                for (var step = 0; step < states.Count; step++)
                {
                    CheckCompensated(step, states[step]);
                }

                break;
            default:
                Assert.Equal(SagaPhase.Stuck, end.Phase);
                Assert.NotNull(end.StuckReason);
                Assert.Single(states, state => state == SagaStepState.CompensationFailed);
                break;
        }
    }

    private void CheckCompensated(int step, SagaStepState state)
    {
        if (_definition.Steps[step].Compensation is not null || state is SagaStepState.Rejected or SagaStepState.Pending)
        {
            Assert.False(_happened[step], $"Step {step} is {state} and its effect stands.");
            Assert.True(
                state is SagaStepState.Compensated or SagaStepState.Rejected or SagaStepState.Pending,
                $"Step {step} is {state} at the end.");
        }
        else
        {
            Assert.True(state is SagaStepState.Succeeded or SagaStepState.Unknown, $"Step {step} is {state} at the end.");
            Assert.True(_happened[step] || state == SagaStepState.Unknown, $"Step {step} is {state} and has no effect.");
        }
    }

    private sealed class Flight(SagaMove move, SagaRecord record)
    {
        public SagaMove Move { get; } = move;

        public SagaRecord Record { get; } = record;

        /// <summary>The answer, once the step is through; it is sent until it arrives.</summary>
        public SagaAttemptReport? Report { get; set; }
    }
}
