using System.Collections.Concurrent;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a process that calls through breakers tells of them.</summary>
internal sealed class BreakerInstruments
{
    private readonly MetricCounter<CallOutcome> _calls;
    private readonly MetricCounter<BreakerState> _rejections;
    private readonly MetricCounter<CallOutcome> _probes;
    private readonly ConcurrentQueue<CircuitBreaker> _breakers = [];

    public BreakerInstruments(PatternMeter meter)
    {
        const string Outcome = "orleanspatterns.breaker.outcome";
        const string State = "orleanspatterns.breaker.state";
        _calls = meter.Counter(
            "orleanspatterns.breaker.calls", "{call}", "Calls by which breakers decide; those that end after a change of state are none.",
            new MetricTag<CallOutcome>(Outcome, CallOutcome.Succeeded, CallOutcome.Failed));
        _rejections = meter.Counter(
            "orleanspatterns.breaker.rejections", "{call}", "Calls that were refused.",
            new MetricTag<BreakerState>(State, BreakerState.Open, BreakerState.LocalOpen, BreakerState.HalfOpen, BreakerState.Isolated));
        _probes = meter.Counter(
            "orleanspatterns.breaker.probes", "{call}", "Calls that were let through to find out whether the dependency is well.",
            new MetricTag<CallOutcome>(Outcome));
        meter.UpDownCounter(
            "orleanspatterns.breaker.breakers", "{breaker}", "Breakers that the process uses.",
            new MetricTag<BreakerState>(State), new MetricTag<BreakerAuthority>("orleanspatterns.breaker.authority"), Count);
    }

    /// <summary>The process begins to use a breaker.</summary>
    internal void Used(CircuitBreaker breaker) => _breakers.Enqueue(breaker);

    internal void Rejected(BreakerState state) => _rejections.Add(state);

    /// <summary>What was counted since the last time: calls themselves touch no instrument.</summary>
    internal void Counted(CallTally tally)
    {
        if (tally.Successes > 0)
        {
            _calls.Add(CallOutcome.Succeeded, tally.Successes);
        }

        if (tally.Failures > 0)
        {
            _calls.Add(CallOutcome.Failed, tally.Failures);
        }
    }

    internal void Probed(CallOutcome outcome) => _probes.Add(outcome);

    private IEnumerable<(BreakerState State, BreakerAuthority Authority, long Count)> Count() => _breakers
        .GroupBy(static breaker => (breaker.State, breaker.Knowledge.IsAlone ? BreakerAuthority.Process : BreakerAuthority.Cluster))
        .Select(static group => (group.Key.State, group.Key.Item2, (long)group.Count()));
}
