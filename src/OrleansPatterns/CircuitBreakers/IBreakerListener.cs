namespace OrleansPatterns.CircuitBreakers;

/// <summary>Hears of every change of every breaker once for the cluster, for alerts. Register it in the services of every silo.</summary>
/// <remarks>
/// Called in one silo, once the change is known to be written; not at all if that silo dies at that moment, or if the change was written but the
/// storage's answer was lost. <see cref="BreakerStatus.History"/> has what was missed. Return at once: the breaker's grain waits.
/// </remarks>
public interface IBreakerListener
{
    /// <summary>A breaker has changed. An exception is logged and changes nothing.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="transition">From what into what, why, and what was counted.</param>
    void OnTransition(string dependency, BreakerTransition transition);
}
