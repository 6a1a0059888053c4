using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>
/// A server and two silos whose clocks run too fast or too slow and change their rates, with answers that take long or are lost, and a server
/// that is now and then stepped. The silos give each other promises, as locks do, that last until an instant of the cluster's clock.
/// </summary>
internal sealed class ClusterClockSimulation
{
    /// <summary>How much too slow or too fast each clock is; two clocks differ by up to 0.98 %.</summary>
    private const double RateError = 0.0049;

    private readonly Random _random;
    private readonly ClusterClockRules _rules;
    private readonly bool _withSteps;
    private readonly Silo[] _silos;
    private readonly List<Promise> _promises = [];
    private DateTimeOffset _server = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private double _serverRate = 1;

    /// <param name="seed">The same seed is the same run.</param>
    /// <param name="rules">What the silos go by.</param>
    /// <param name="withSteps">Whether the server's clock is stepped.</param>
    public ClusterClockSimulation(int seed, ClusterClockRules rules, bool withSteps)
    {
        _random = new Random(seed);
        _rules = rules;
        _withSteps = withSteps;
        _silos = [new Silo(), new Silo()];
    }

    public int Measurements { get; private set; }

    public int Known { get; private set; }

    public int Unknown { get; private set; }

    public int Steps { get; private set; }

    public int Quarantines { get; private set; }

    /// <summary>How often a silo was sure that another one's promise was over.</summary>
    public int Passed { get; private set; }

    /// <summary>What went wrong, or <see langword="null"/>.</summary>
    public string? Run(int moments)
    {
        for (var moment = 0; moment < moments; moment++)
        {
            Pass();
            if (_withSteps && _silos.All(silo => silo.State.Measurement is not null) && _random.Next(20_000) == 0)
            {
                Step();
            }

            foreach (var silo in _silos)
            {
                Act(silo);
                if (Check(silo) is { } fault)
                {
                    return $"moment {moment}: {fault}";
                }
            }
        }

        return null;
    }

    /// <summary>Short moments while a question is on its way, with a pause now and then; long ones otherwise.</summary>
    private void Pass()
    {
        var microseconds = _silos.All(silo => silo.Phase == Phase.Waiting)
            ? _random.Next(200_000)
            : _random.Next(20) == 0 ? _random.Next(400_000) : _random.Next(3_000);
        var passed = TimeSpan.FromMicroseconds(microseconds);
        _serverRate = NextRate(_serverRate);
        _server += passed * _serverRate;
        foreach (var silo in _silos)
        {
            silo.Rate = NextRate(silo.Rate);
            silo.Now += passed * silo.Rate;
        }
    }

    private double NextRate(double rate) => _random.Next(500) switch
    {
        0 => 1 - RateError,
        1 => 1 + RateError,
        2 => 1 + (RateError * ((_random.NextDouble() * 2) - 1)),
        _ => rate,
    };

    /// <summary>Longer than any error: three minutes without a measurement make 3.6 s of it, and the longest round trips less than that.</summary>
    private void Step()
    {
        var step = TimeSpan.FromSeconds(_random.Next(10, 3_600)) * (_random.Next(2) == 0 ? -1 : 1);
        Steps++;
        _server += step;
        foreach (var silo in _silos)
        {
            silo.Unseen += step;
        }
    }

    private void Act(Silo silo)
    {
        switch (silo.Phase)
        {
            case Phase.Waiting when silo.Now >= silo.AsksAt:
                (silo.Phase, silo.SentAt) = (Phase.Asked, silo.Now);
                break;
            case Phase.Asked when _random.Next(2) == 0:
                // To the microsecond, as PostgreSQL has it.
                (silo.Phase, silo.ServerTime) = (Phase.Looked, _server.AddTicks(-(_server.Ticks % TimeSpan.TicksPerMicrosecond)));
                silo.Seen = silo.Unseen;
                break;
            case Phase.Looked when _random.Next(20) == 0:
                Wait(silo);
                break;
            case Phase.Looked when _random.Next(2) == 0:
                Answer(silo);
                Wait(silo);
                break;
        }
    }

    private void Wait(Silo silo) =>
        (silo.Phase, silo.AsksAt) = (Phase.Waiting, silo.Now + TimeSpan.FromSeconds(_random.Next(100) == 0 ? _random.Next(180) : 5));

    private void Answer(Silo silo)
    {
        Measurements++;
        silo.State = _rules.Measure(silo.State, new ClockMeasurement(silo.SentAt, silo.ServerTime, silo.Now));
        if (silo.Seen != TimeSpan.Zero)
        {
            silo.Unseen -= silo.Seen;
            silo.QuarantineEndsAt = silo.Now + ClusterClockRules.Quarantine;
            Quarantines++;
        }
    }

    private string? Check(Silo silo)
    {
        if (silo.QuarantineEndsAt != silo.State.TrustedFrom)
        {
            return $"quarantine until {silo.State.TrustedFrom} rather than {silo.QuarantineEndsAt}";
        }

        if (_rules.Read(silo.State, silo.Now) is not { } reading)
        {
            Unknown++;
            return null;
        }

        Known++;
        if (silo.Now < silo.QuarantineEndsAt)
        {
            return "read in the quarantine";
        }

        // A step that it cannot know of yet: it goes on with the old clock.
        var truth = _server - silo.Unseen;
        if (truth < reading.Earliest || truth > reading.Latest)
        {
            return $"the server's clock shows {truth:O}, read was {reading.Earliest:O} to {reading.Latest:O}";
        }

        return CheckPromises(silo, reading);
    }

    private string? CheckPromises(Silo silo, ClusterTime reading)
    {
        var passed = _promises.Where(promise => promise.By != silo && reading.Earliest > promise.EndsAt).ToList();
        if (passed.Any(promise => promise.By.Now < promise.LastsUntil))
        {
            return "a promise was said to be over that still lasts";
        }

        Passed += passed.Count;
        _promises.RemoveAll(promise => passed.Contains(promise) || promise.By.Now > promise.LastsUntil + TimeSpan.FromHours(1));
        if (_random.Next(100) == 0)
        {
            var length = LockBounds.MaxLease * _random.NextDouble();
            _promises.Add(new Promise(silo, silo.Now + length, reading.Latest + (length * (1 + ClusterClockRules.MaxDrift))));
        }

        return null;
    }

    private enum Phase
    {
        Waiting,
        Asked,
        Looked,
    }

    /// <param name="By">Who promised.</param>
    /// <param name="LastsUntil">Until when, by its own clock.</param>
    /// <param name="EndsAt">Until when, as it told the other.</param>
    private sealed record Promise(Silo By, TimeSpan LastsUntil, DateTimeOffset EndsAt);

    private sealed class Silo
    {
        public double Rate { get; set; } = 1;

        public TimeSpan Now { get; set; }

        public ClusterClockState State { get; set; } = ClusterClockState.Unmeasured;

        public Phase Phase { get; set; }

        public TimeSpan AsksAt { get; set; }

        public TimeSpan SentAt { get; set; }

        public DateTimeOffset ServerTime { get; set; }

        /// <summary>By how much the server's clock was stepped since the measurement that this silo goes by.</summary>
        public TimeSpan Unseen { get; set; }

        /// <summary>How much of that the answer under way will show.</summary>
        public TimeSpan Seen { get; set; }

        public TimeSpan? QuarantineEndsAt { get; set; }
    }
}
