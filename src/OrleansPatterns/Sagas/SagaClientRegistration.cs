using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Sagas;

internal static class SagaClientRegistration
{
    /// <summary>What a process needs in order to use this pattern: client services, options, validators. Harmless when repeated.</summary>
    internal static IServiceCollection AddSagaClient(this IServiceCollection services) => services;
}
