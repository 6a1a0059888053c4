using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Locks;

internal static class LockClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddLockClient(this IServiceCollection services)
    {
        services.AddOptions<LockOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LockOptions>, LockOptionsValidator>());
        services.AddInstruments<LockInstruments>();
        services.TryAddSingleton<ILockTransport, GrainLockTransport>();
        services.TryAddSingleton<LockKeeper>();
        services.TryAddSingleton<LockClient>();
        services.TryAddSingleton<OrleansLockProvider>();
        services.TryAddSingleton<IDistributedLockProvider>(static provider => provider.GetRequiredService<OrleansLockProvider>());
        services.TryAddSingleton<IDistributedReaderWriterLockProvider>(static provider => provider.GetRequiredService<OrleansLockProvider>());
        services.TryAddSingleton<IDistributedUpgradeableReaderWriterLockProvider>(
            static provider => provider.GetRequiredService<OrleansLockProvider>());
        services.TryAddSingleton<IDistributedSemaphoreProvider>(static provider => provider.GetRequiredService<OrleansLockProvider>());
        services.TryAddSingleton<ILockOperations, LockOperations>();
        return services;
    }
}
