namespace OrleansPatterns.Discovery;

/// <summary>
/// Is among the features of each <see cref="Microsoft.Extensions.ServiceDiscovery.ServiceEndpoint"/> that comes from the registry: what an address
/// does not say, such as zone, version, weight and tags.
/// </summary>
public interface IServiceInstanceFeature
{
    /// <summary>The instance that answers at the endpoint.</summary>
    ServiceInstance Instance { get; }
}
