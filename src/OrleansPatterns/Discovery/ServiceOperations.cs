using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

/// <inheritdoc cref="IServiceOperations"/>
internal sealed class ServiceOperations(IGrainFactory grains, ClusterCaller caller) : IServiceOperations
{
    public Task<ServiceStatus> GetStatusAsync(string service, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetServiceGrain(service);
        return caller.CallAsync($"look at service '{service}'", _ => grain.GetStatusAsync(), cancellationToken);
    }
}
