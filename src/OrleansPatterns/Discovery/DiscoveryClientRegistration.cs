using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Discovery;

internal static class DiscoveryClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddDiscoveryClient(this IServiceCollection services)
    {
        services.AddInstruments<DiscoveryInstruments>();
        services.AddOptions<DiscoveryOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DiscoveryOptions>, DiscoveryOptionsValidator>());
        services.TryAddSingleton<ServiceHeartbeats>();
        services.TryAddSingleton<IServiceRegistry, ServiceRegistry>();
        services.TryAddSingleton<IServiceOperations, ServiceOperations>();
        return services;
    }
}
