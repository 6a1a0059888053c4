using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.CircuitBreakers;

internal static class BreakerClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddBreakerClient(this IServiceCollection services) => services;
}
