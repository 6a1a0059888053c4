using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Idempotency;

internal static class IdempotencyServerRegistration
{
    /// <summary>What a silo needs, beside the client's part, to host this pattern's grains. Harmless when repeated.</summary>
    internal static IServiceCollection AddIdempotencyServer(this IServiceCollection services)
    {
        services.AddInstruments<IdempotencyGrainInstruments>();
        services.TryAddSingleton<ITransactionalCompletions, NoTransactionalCompletions>();
        return services;
    }
}
