using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansPatterns.Server.Sagas;

internal static class SagaServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddSagaServer(this IServiceCollection services)
    {
        services.TryAddSingleton<SagaRegistry>();
        services.TryAddSingleton<SagaAttemptRunner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, SagaConfigurationValidator>());
        return services;
    }
}
