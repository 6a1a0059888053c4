using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>What is decided once for the cluster: heard as any listener hears it.</summary>
internal sealed class BreakerGrainInstruments(PatternMeter meter) : IBreakerListener
{
    private readonly MetricCounter<BreakerState> _transitions = meter.Counter(
        "orleanspatterns.breaker.transitions", "{transition}", "Changes of breakers, counted once for the cluster, by the state after.",
        new MetricTag<BreakerState>("orleanspatterns.breaker.state"));

    public void OnTransition(string dependency, BreakerTransition transition) => _transitions.Add(transition.To);
}
