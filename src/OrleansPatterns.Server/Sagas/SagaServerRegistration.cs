using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization.Configuration;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Sagas;

internal static class SagaServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddSagaServer(this IServiceCollection services)
    {
        services.AddInstruments<SagaInstruments>();
        services.TryAddSingleton<SagaRegistry>();
        services.TryAddSingleton<SagaAttemptRunner>();
        services.TryAddSingleton<SagaStepSeal>();
        services.TryAddSingleton<SagaChildren>();
        services.TryAddSingleton<SagaThrottle>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, SagaConfigurationValidator>());

        // A silo that runs no sagas does not offer the grain either, so that in a cluster of different silos (standalone ones beside an
        // application's own) Orleans places a saga only where sagas are registered.
        services.AddOptions<TypeManifestOptions>().PostConfigure<IEnumerable<SagaRegistration>>((manifest, registrations) =>
        {
            if (!registrations.Any())
            {
                manifest.InterfaceImplementations.Remove(typeof(SagaGrain));
            }
        });
        return services;
    }
}
