using Orleans.Concurrency;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Is told of a breaker's changes.</summary>
[Alias("OrleansPatterns.IBreakerObserver")]
public interface IBreakerObserver : IGrainObserver
{
    /// <summary>The state has changed. Calls may come out of order; the generation tells.</summary>
    /// <param name="snapshot">What the cluster has decided.</param>
    [Alias("StateChanged")]
    [OneWay]
    Task StateChangedAsync(BreakerSnapshot snapshot);
}
