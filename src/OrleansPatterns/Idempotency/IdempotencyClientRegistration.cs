using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Idempotency;

internal static class IdempotencyClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddIdempotencyClient(this IServiceCollection services)
    {
        services.AddOptions<IdempotencyOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdempotencyOptions>, IdempotencyOptionsValidator>());
        services.AddInstruments<IdempotencyInstruments>();
        services.TryAddSingleton<IIdempotencyStore, IdempotencyStore>();
        services.TryAddSingleton<IIdempotencyOperations, IdempotencyOperations>();
        return services;
    }
}
