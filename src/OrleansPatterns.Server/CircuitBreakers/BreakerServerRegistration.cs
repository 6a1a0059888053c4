using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Server.CircuitBreakers;

internal static class BreakerServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddBreakerServer(this IServiceCollection services) => services;
}
