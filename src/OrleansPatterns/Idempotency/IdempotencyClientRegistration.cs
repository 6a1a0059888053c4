using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Idempotency;

internal static class IdempotencyClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddIdempotencyClient(this IServiceCollection services) => services;
}
