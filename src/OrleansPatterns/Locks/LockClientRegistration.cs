using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Locks;

internal static class LockClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddLockClient(this IServiceCollection services) => services;
}
