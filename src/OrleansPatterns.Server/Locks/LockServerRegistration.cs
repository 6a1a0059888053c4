using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Locks;

internal static class LockServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddLockServer(this IServiceCollection services)
    {
        services.AddInstruments<LockGrainInstruments>();
        services.TryAddSingleton<LockSilo>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, LockSilo>(
            static provider => provider.GetRequiredService<LockSilo>()));
        return services;
    }
}
