using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Discovery;

internal static class DiscoveryClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddDiscoveryClient(this IServiceCollection services) => services;
}
