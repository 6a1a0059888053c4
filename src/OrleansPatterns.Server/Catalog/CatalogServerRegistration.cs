using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

internal static class CatalogServerRegistration
{
    internal static IServiceCollection AddCatalogServer(this IServiceCollection services)
    {
        services.AddOptions<WakeUpOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WakeUpOptions>, WakeUpOptionsValidator>());
        services.TryAddSingleton<ICatalog, MemoryCatalog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, WakeUpService>());
        return services;
    }
}
