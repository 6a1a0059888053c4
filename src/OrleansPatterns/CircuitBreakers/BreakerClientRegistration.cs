using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.CircuitBreakers;

internal static class BreakerClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddBreakerClient(this IServiceCollection services)
    {
        services.AddInstruments<BreakerInstruments>();
        services.AddOptions<CircuitBreakerOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CircuitBreakerOptions>, CircuitBreakerOptionsValidator>());
        services.TryAddSingleton<ICircuitBreakerProvider, CircuitBreakerProvider>();
        services.TryAddSingleton<ICircuitBreakerOperations, CircuitBreakerOperations>();
        return services;
    }
}
