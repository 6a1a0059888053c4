using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Cluster;

internal static class ClusterServerRegistration
{
    /// <summary>Only where nothing better is registered: <c>UsePostgres</c> replaces it, before or after.</summary>
    internal static IServiceCollection AddClusterServer(this IServiceCollection services)
    {
        services.TryAddSingleton<IClusterClock, UnknownClusterClock>();
        services.TryAddSingleton<ILocalSilo, LocalSilo>();
        NamedSiloPlacement.AddTo(services);
        return services;
    }
}
