using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// One saga under <see cref="SagaRules"/> with a store, a catalog row, services that remember idempotency keys, and faults wherever the grain awaits:
/// a silo dies with its attempts, a write is refused or its answer lost, an activation is replaced while it and its attempts go on, a call to a service
/// arrives at any later time.
/// </summary>
internal sealed partial class SagaSimulation
{
    private const int MaxHistory = 12;
    private const int MaxTurns = 20_000;

    /// <summary>After so many turns nothing fails any more, except services.</summary>
    private const int QuietAfter = 600;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefinitionRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeliveryLease = TimeSpan.FromSeconds(15);

    private readonly Random _random;
    private readonly SagaDefinition _definition;
    private readonly SagaSimulationServices _services;
    private readonly List<SagaSimulationFlight> _flights = [];
    private readonly List<(SagaMove Move, bool IsSealed)> _leftBehind = [];
    private readonly HashSet<SagaMove> _begun = [];
    private readonly List<SagaSignal> _signals = [];
    private readonly HashSet<Guid> _accepted = [];
    private readonly HashSet<int> _passedOver = [];
    private readonly List<SagaSimulationActivation> _replaced = [];
    private readonly double _faultRate;

    private DateTimeOffset _now = SagaTable.Start;
    private SagaRecord _store = new();
    private Row? _row;
    private SagaSimulationActivation? _grain;
    private int _silos;
    private int _wakeUps;
    private int _turns;
    private int _interventions;
    private bool _isParentTold;

    public SagaSimulation(int seed)
    {
        _random = new Random(seed);
        _faultRate = _random.Next(8) switch { 0 => 0, 1 => 0.5, _ => _random.NextDouble() * 0.25 };
        _definition = SagaSimulationPlan.Draw(_random);
        _services = new(_definition, _random);
        _interventions = _random.Next(8);
        foreach (var step in _definition.Steps.Where(step => step.Kind == SagaStepKind.Signal))
        {
            _signals.Add(new() { SignalId = Guid.NewGuid(), Name = step.Name, PayloadJson = "{}" });
        }
    }

    public SagaSimulationFlaw Flaw { get; init; }

    /// <summary>What happens, for whoever looks into a seed.</summary>
    public List<string>? Trace { get; init; }

    public SagaPhase Run()
    {
        for (_turns = 0; _turns < MaxTurns; _turns++)
        {
            if (HasEnded())
            {
                CheckEnd();
                return _store.Phase;
            }

            Turn();
            CheckWakeUp();
        }

        throw new InvalidOperationException($"No end after {MaxTurns} turns: {Describe()}");
    }

    private bool HasEnded() => _row is { } row
        && (_store.IsFinal ? _isParentTold : _store.IsHalted && !_store.IsAwaitingDefinition && _interventions <= 0)
        && _grain?.Call is null
        && row.Phase == _store.Phase;

    private bool Fault() => _turns < QuietAfter && _random.NextDouble() < _faultRate;

    private void Turn()
    {
        switch (_random.Next(20))
        {
            case 0:
                Break();
                break;
            case 1:
                AdvanceTime();
                break;
            case 2:
                LandLeftBehind();
                break;
            case 3 or 4:
                Deliver();
                break;
            case 5:
                CallFromOutside();
                break;
            case < 11 when _flights.Count > 0:
                Fly(_flights[_random.Next(_flights.Count)]);
                break;
            case 11 when _replaced.Count > 0:
                var old = _replaced[_random.Next(_replaced.Count)];
                if (!Continue(old) && old.TimerAt <= _now)
                {
                    Begin(old, "resume", Resume(old));
                }

                break;
            default:
                if ((_grain is null || !Continue(_grain)) && _flights.Count == 0)
                {
                    AdvanceTime();
                }

                break;
        }
    }

    /// <summary>The activation to which calls go now, unless it is busy.</summary>
    private SagaSimulationActivation? Idle()
    {
        _grain ??= new(_store, ++_silos, hasDefinition: !Fault() || _random.Next(5) > 0);
        return _grain.Call is null ? _grain : null;
    }

    private void Begin(SagaSimulationActivation grain, string name, IEnumerable<bool> call, Action<bool>? onAnswer = null)
    {
        Trace?.Add($"{_now:mm:ss.f} {grain.Silo}{(grain.HasDefinition ? "" : " without definition")}: {name}");
        (grain.HasFailed, grain.IsBlind) = (false, false);
        grain.Call = Answering().GetEnumerator();

        IEnumerable<bool> Answering()
        {
            foreach (var pause in call)
            {
                yield return pause;
            }

            Trace?.Add($"{grain.Silo} {(grain.HasFailed ? "fails" : "returns")}{(grain.IsGoing ? " and ends" : "")}");
            onAnswer?.Invoke(!grain.HasFailed && !Fault());
        }
    }

    private bool Continue(SagaSimulationActivation grain)
    {
        if (grain.Call is not { } call)
        {
            return false;
        }

        if (!call.MoveNext())
        {
            grain.Call = null;
            if (grain.IsGoing)
            {
                End(grain);
            }
        }

        return true;
    }

    /// <summary>An activation ends and stops its attempts, most of which say so.</summary>
    private void End(SagaSimulationActivation grain)
    {
        foreach (var flight in grain.Attempts.Values.Where(flight => flight is { IsFinished: false, Report: null }))
        {
            if (_random.Next(2) == 0)
            {
                Leave(flight, SagaAttemptOutcome.Interrupted);
            }
        }

        _replaced.Remove(grain);
        _grain = _grain == grain ? null : _grain;
    }

    private void Break()
    {
        if (!Fault() || _grain is null)
        {
            return;
        }

        Trace?.Add($"{_grain.Silo} breaks");
        switch (_random.Next(4))
        {
            case 0:
                // The directory has lost it: it goes on with what it does, and another takes its place.
                _replaced.Add(_grain);
                _grain = null;
                break;
            case 1 when _grain.Call is null:
                End(_grain);
                break;
            default:
                var silo = _random.Next(4) == 0 && _replaced.Count > 0 ? _replaced[0].Silo : _grain.Silo;
                foreach (var flight in _flights.Where(flight => flight.Silo == silo && flight is { HasCalled: true, Report: null }))
                {
                    _leftBehind.Add((flight.Move, false));
                }

                _flights.RemoveAll(flight => flight.Silo == silo);
                _replaced.RemoveAll(grain => grain.Silo == silo);
                _grain = _grain.Silo == silo ? null : _grain;
                break;
        }
    }

    private void AdvanceTime()
    {
        var next = new[] { _row?.WakeAt, _grain?.TimerAt }.Where(at => at > _now).Min();
        _now = next is { } at && _random.Next(2) == 0 ? at : _now.AddSeconds(_random.NextDouble() * 2);
    }
}
