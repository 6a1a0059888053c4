using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Server.Locks;

internal static class LockServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddLockServer(this IServiceCollection services) => services;
}
