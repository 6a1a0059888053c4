using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Server.Discovery;

internal static class DiscoveryServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddDiscoveryServer(this IServiceCollection services) => services;
}
