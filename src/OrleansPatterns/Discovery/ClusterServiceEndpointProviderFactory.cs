using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Discovery;

internal sealed class ClusterServiceEndpointProviderFactory(ServiceEndpointWatches watches, IOptions<ClusterServiceEndpointOptions> options)
    : IServiceEndpointProviderFactory
{
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = !InstanceAddress.IsMachine(query.ServiceName) && options.Value.ShouldResolve(query.ServiceName)
            ? new ClusterServiceEndpointProvider(query, watches.Of(query.ServiceName), options.Value)
            : null;
        return provider is not null;
    }
}
