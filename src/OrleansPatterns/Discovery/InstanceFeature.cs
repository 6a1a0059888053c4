using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Discovery;

internal sealed class InstanceFeature(ServiceInstance instance, string service) : IServiceInstanceFeature, IHostNameFeature
{
    public ServiceInstance Instance { get; } = instance;

    public string HostName { get; } = service;
}
