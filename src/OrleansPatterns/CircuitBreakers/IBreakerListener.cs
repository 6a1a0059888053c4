namespace OrleansPatterns.CircuitBreakers;

/// <summary>Hears of every change of every breaker once for the cluster, for alerts. Register it in the services of every silo.</summary>
/// <remarks>
/// Called in one silo, after the change was written; not again if that silo dies at that moment. <see cref="BreakerStatus.History"/> has what was
/// missed. Return at once: the breaker's grain waits.
/// </remarks>
public interface IBreakerListener
{
    /// <summary>A breaker has changed. An exception is logged and changes nothing.</summary>
    /// <param name="dependency">The dependency's name.</param>
    /// <param name="transition">From what into what, why, and what was counted.</param>
    void OnTransition(string dependency, BreakerTransition transition);
}
