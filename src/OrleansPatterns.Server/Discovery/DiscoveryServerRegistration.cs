using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Discovery;

internal static class DiscoveryServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddDiscoveryServer(this IServiceCollection services)
    {
        services.AddInstruments<DiscoveryGrainInstruments>();
        services.AddOptions<HealthCheckOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HealthCheckOptions>, HealthCheckOptionsValidator>());
        services.TryAddSingleton<HealthCheckGate>();
        services.TryAddSingleton(provider => new PermittedConnector(provider.GetRequiredService<HealthCheckGate>(), Dns.GetHostAddressesAsync));
        services.TryAddSingleton<IHealthProber, HealthProber>();
        return services;
    }
}
