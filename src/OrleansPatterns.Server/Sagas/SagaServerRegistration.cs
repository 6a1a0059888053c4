using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Server.Sagas;

internal static class SagaServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddSagaServer(this IServiceCollection services) => services;
}
