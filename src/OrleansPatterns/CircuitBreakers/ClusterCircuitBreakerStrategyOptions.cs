using Polly;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>A cluster's breaker in a Polly pipeline. When it opens, and for which exceptions, is said by <see cref="CircuitBreakerOptions"/>.</summary>
public class ClusterCircuitBreakerStrategyOptions : ResilienceStrategyOptions
{
    /// <summary>The strategy is called "ClusterCircuitBreaker" in Polly's telemetry unless <see cref="ResilienceStrategyOptions.Name"/> is set.</summary>
    public ClusterCircuitBreakerStrategyOptions() => Name = "ClusterCircuitBreaker";
}
