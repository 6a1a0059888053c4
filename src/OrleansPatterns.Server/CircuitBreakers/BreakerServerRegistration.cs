using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.CircuitBreakers;

internal static class BreakerServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddBreakerServer(this IServiceCollection services)
    {
        services.AddPatternMeter().TryAddEnumerable(ServiceDescriptor.Singleton<IBreakerListener, BreakerGrainInstruments>());
        return services;
    }
}
