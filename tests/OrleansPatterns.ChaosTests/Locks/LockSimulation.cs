using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.Locks.LockOperations;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>Correct histories of one lock that is always waited for, from a seed: answers get lost, holders die, pause and write too late.</summary>
internal sealed class LockSimulation(int seed)
{
    private const int Processes = 8;
    private const int Lease = 1000;

    private readonly Random _random = new(seed);
    private readonly List<Operation> _history = [];
    private readonly int[] _starts = new int[Processes];
    private readonly long[] _calledAt = new long[Processes];
    private long _now;
    private long _token;

    /// <summary>At least so many operations, in no order.</summary>
    internal List<Operation> Run(int operations)
    {
        while (_history.Count < operations)
        {
            var process = _random.Next(Processes);
            if (_random.Next(10) == 0)
            {
                GiveUp(process);
                continue;
            }

            _now = Math.Max(_now, _calledAt[process]) + Some(20);
            _token += Some(3);
            if (_random.Next(15) == 0)
            {
                LoseGrant(process);
            }
            else
            {
                Hold(process);
            }
        }

        return [.. _history.OrderBy(_ => _random.Next())];
    }

    private void GiveUp(int process)
    {
        _now = Math.Max(_now, _calledAt[process]) + Some(20);
        _history.Add(Acquire(Name(process), null, _calledAt[process], _now, Outcome.Refused));
        _calledAt[process] = _now + Some(50);
    }

    /// <summary>The lock was granted, but the process never learns of it: there is an error, or it has died.</summary>
    private void LoseGrant(int process)
    {
        var hasDied = _random.Next(2) == 0;
        _history.Add(Acquire(Name(process), null, _calledAt[process], hasDied ? null : _now + Some(50), Outcome.Unknown));
        _starts[process] += hasDied ? 1 : 0;
        _now += Lease;
        _calledAt[process] = _now + Some(50);
    }

    private void Hold(int process)
    {
        var (name, token, granted) = (Name(process), _token, _now);
        var from = granted + Some(20);
        var between = from + Some(200);
        var to = between + Some(200);
        _history.Add(Acquire(name, token, _calledAt[process], from));
        _history.Add(LockOperations.Hold(name, token, from, between));
        _history.Add(Write(name, token, from, between));
        switch (_random.Next(10))
        {
            case 0: // It dies while it holds, with a write on the way.
                _history.Add(LockOperations.Hold(name, token, between, null, Outcome.Unknown));
                _history.Add(Write(name, token, between, null, Outcome.Unknown));
                _starts[process]++;
                _now = granted + Lease;
                _calledAt[process] = _now;
                break;
            case 1: // It pauses, and finds when it wakes that it has been followed.
                _now = granted + Lease;
                _history.Add(Write(name, token, _now + 5000, _now + 6000, Outcome.Refused));
                _history.Add(Release(name, token, _now + 6001, _now + 6100));
                _calledAt[process] = _now + 6200;
                break;
            case 2: // The release is lost on its way, or its answer on the way back.
                _history.Add(LockOperations.Hold(name, token, between, to));
                _history.Add(Release(name, token, to, null, Outcome.Unknown));
                _now = _random.Next(2) == 0 ? to + Some(50) : granted + Lease;
                _calledAt[process] = to + Some(100);
                break;
            default: // The answer may arrive when the next one already holds.
                _history.Add(LockOperations.Hold(name, token, between, to));
                _now = to + Some(50);
                _calledAt[process] = _now + Some(100);
                _history.Add(Release(name, token, to, _calledAt[process]));
                break;
        }
    }

    private long Some(int most) => 1 + _random.Next(most);

    private string Name(int process) => $"worker-{process}#{_starts[process]}";
}
