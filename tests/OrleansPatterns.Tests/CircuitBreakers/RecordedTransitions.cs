using System.Collections.Concurrent;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What listeners of all silos have heard.</summary>
internal sealed class RecordedTransitions : IBreakerListener
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<BreakerTransition>> _heard = new();

    public BreakerTransition[] Of(string dependency) => [.. _heard.GetValueOrDefault(dependency) ?? []];

    public void OnTransition(string dependency, BreakerTransition transition) =>
        _heard.GetOrAdd(dependency, _ => new ConcurrentQueue<BreakerTransition>()).Enqueue(transition);
}
