using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Discovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets Microsoft.Extensions.ServiceDiscovery, and so its HTTP clients, gRPC clients and YARP, find services in the cluster's registry.</summary>
public static class ClusterServiceEndpointProviderExtensions
{
    /// <summary>Adds the registry as a provider of endpoints. Wherever it is called, it is the first that is asked.</summary>
    /// <remarks>
    /// <para>
    /// It needs <c>AddOrleansPatterns()</c> and <c>AddServiceDiscovery()</c>, before it or after. It goes in front of all providers that have been added
    /// and will be, so configuration, DNS and pass-through answer only for names that <see cref="ClusterServiceEndpointOptions.ShouldResolve"/> leaves
    /// to them, and while the registry has no instance to call. If the cluster is away when a process asks for a service for the first time, that is a
    /// <see cref="OrleansPatterns.Cluster.ClusterUnavailableException"/>, and the next request asks again; later the last known endpoints are used.
    /// </para>
    /// <para>
    /// Endpoints are those of instances that are available, or else of those that are only suspected, at addresses of the schemes that were asked for:
    /// <c>https+http://orders</c> means an instance's https address if it has one, and <c>https://_admin.orders</c> its address of that name. The
    /// host of an address is lower case, and so must be the names of services that are found this way. Changes are pushed; nothing is polled.
    /// </para>
    /// <para>
    /// Microsoft.Extensions.ServiceDiscovery picks one after the other. <c>AddClusterServiceDiscovery()</c> balances by calls under way instead. It
    /// does not show its <c>AllowedSchemes</c> to providers: whoever allows only https asks for <c>https://orders</c>.
    /// </para>
    /// </remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddClusterServiceEndpointProvider(
        this IServiceCollection services, Action<ClusterServiceEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ClusterServiceEndpointOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterServiceEndpointOptions>, ClusterServiceEndpointOptionsValidator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton<ServiceEndpointWatches>();
        var factory = ServiceDescriptor.Singleton<IServiceEndpointProviderFactory, ClusterServiceEndpointProviderFactory>();
        if (!services.Any(added => added.ServiceType == factory.ServiceType && !added.IsKeyedService && added.ImplementationType == factory.ImplementationType))
        {
            // Each provider stands back when one before it has answered, so the place is what decides.
            services.Insert(0, factory);
        }

        return services;
    }
}
