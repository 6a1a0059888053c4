using OrleansPatterns.Cluster;

namespace OrleansPatterns.CircuitBreakers;

/// <inheritdoc cref="ICircuitBreakerOperations"/>
internal sealed class CircuitBreakerOperations(IGrainFactory grains, ClusterCaller caller) : ICircuitBreakerOperations
{
    public Task<BreakerStatus> GetStatusAsync(string dependency, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetBreakerGrain(dependency);
        return caller.CallAsync($"look at breaker '{dependency}'", _ => grain.GetStatusAsync(), cancellationToken);
    }

    public Task HoldAsync(string dependency, BreakerOverride byHand, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(byHand);
        BreakerBounds.Check(byHand);
        var (grain, decisionId) = (grains.GetBreakerGrain(dependency), Guid.NewGuid());
        return caller.CallAsync($"hold breaker '{dependency}'", _ => grain.HoldAsync(byHand, decisionId), cancellationToken);
    }

    public Task CloseAsync(string dependency, string author, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(author);
        BreakerBounds.CheckAuthor(author);
        var (grain, decisionId) = (grains.GetBreakerGrain(dependency), Guid.NewGuid());
        return caller.CallAsync($"close breaker '{dependency}'", _ => grain.CloseAsync(author, decisionId), cancellationToken);
    }
}
