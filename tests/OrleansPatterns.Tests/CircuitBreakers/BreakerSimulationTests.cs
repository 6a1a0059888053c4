using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Many callers whose clocks, reports and probes go wrong, on a breaker that loses its silo now and then. Replayed from its seed.</summary>
public sealed class BreakerSimulationTests
{
    private const int Steps = 20_000;

    private readonly Dictionary<long, (TimeSpan IssuedAt, bool IsEnded)> _permits = [];
    private BreakerCore _core = new();
    private TimeSpan _now;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 5)]
    public void Probes_AreNeverMoreThanAllowed_AndLateResultsChangeNothing(int seed, int concurrentProbes)
    {
        var random = new Random(seed);
        var settings = Defaults with { MinimumThroughput = 10, FailureRatio = 0.5, ConcurrentProbes = concurrentProbes, SuccessfulProbes = 5 };
        var (opened, closed, most, late) = (0, 0, 0, 0);
        for (var step = 0; step < Steps; step++)
        {
            _now += Seconds(random.NextDouble());
            var before = _core.Snapshot("", _now).State;
            var caller = $"{random.Next(8)}";
            switch (random.Next(20))
            {
                case 0:
                    var restored = new BreakerCore();
                    restored.Restore(_core.Record, overrideFor: null, settings, _now);
                    _core = restored;
                    break;
                case < 8:
                    var generation = _core.Snapshot(caller, _now).Generation - (random.Next(4) == 0 ? 1 : 0);
                    Apply(_core.Count(caller, generation, new CallTally(random.Next(3), random.Next(5)), settings, At(_now)), settings);
                    break;
                case < 14:
                    var (next, permit, retryAfter) = _core.AcquireProbe(caller, settings, At(_now));
                    Assert.InRange(retryAfter, TimeSpan.Zero, settings.MaxBreakDuration);
                    Apply(next, settings);
                    if (permit != 0)
                    {
                        Assert.True(_permits.TryAdd(permit, (_now, IsEnded: false)), "A permit was given twice.");
                    }

                    break;
                default:
                    late += EndProbe(random, settings);
                    break;
            }

            var underWay = _permits.Values.Count(probe => !probe.IsEnded && _now < probe.IssuedAt + settings.ProbeLease);
            Assert.InRange(underWay, 0, concurrentProbes);
            most = Math.Max(most, underWay);
            var after = _core.Snapshot("", _now).State;
            opened += before != BreakerState.Open && after == BreakerState.Open ? 1 : 0;
            closed += before == BreakerState.HalfOpen && after == BreakerState.Closed ? 1 : 0;
        }

        // What never happened was not checked.
        Assert.Equal(concurrentProbes, most);
        Assert.True(opened > 10 && closed > 10 && late > 10, $"Opened {opened}, closed {closed}, late {late}.");
    }

    /// <returns>1: the result was late.</returns>
    private int EndProbe(Random random, BreakerSettings settings)
    {
        if (_permits.Count == 0)
        {
            return 0;
        }

        // Mostly one of the newest, at times one of long ago, and again and again.
        var permit = _permits.Keys.ElementAt(random.Next(3) == 0 ? random.Next(_permits.Count) : _permits.Count - 1);
        var record = _core.Record;
        var isKnown = record.Cluster.Permits.Contains(permit) || record.Callers.Values.Any(circuit => circuit.Permits.Contains(permit));
        var outcome = random.Next(10) switch { 0 => CallOutcome.Failed, 1 => CallOutcome.Cancelled, _ => CallOutcome.Succeeded };
        Apply(_core.EndProbe(permit, outcome, settings, At(_now)), settings);
        _permits[permit] = _permits[permit] with { IsEnded = true };
        if (isKnown)
        {
            return 0;
        }

        Assert.Equal(record.Cluster, _core.Record.Cluster);
        Assert.Equal(record.CallerCircuits.AsEnumerable(), _core.Record.CallerCircuits);
        return 1;
    }

    private void Apply(BreakerRecord next, BreakerSettings settings) => _core.Apply(next, settings, _now);
}
