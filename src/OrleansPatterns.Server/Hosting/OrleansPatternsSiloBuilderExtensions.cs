using Orleans.Serialization;
using OrleansPatterns.Hosting;
using OrleansPatterns.Server.Catalog;
using OrleansPatterns.Server.CircuitBreakers;
using OrleansPatterns.Server.Cluster;
using OrleansPatterns.Server.Discovery;
using OrleansPatterns.Server.Idempotency;
using OrleansPatterns.Server.Locks;
using OrleansPatterns.Server.Sagas;

namespace Orleans.Hosting;

/// <summary>Adds the five patterns to a silo.</summary>
public static class OrleansPatternsSiloBuilderExtensions
{
    /// <summary>Registers the grains of all five patterns, and the same injectable services as in a client.</summary>
    /// <remarks>
    /// Grain state goes to the grain storage named <see cref="OrleansPatterns.StorageNames.OrleansPatterns"/>: <c>UsePostgres</c> provides it,
    /// or register any other under that name. Calling this twice is harmless.
    /// </remarks>
    /// <param name="silo">The silo under construction.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddOrleansPatterns(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(OrleansPatternsSiloBuilderExtensions).Assembly));
        silo.Services
            .AddPatternClients()
            .AddClusterServer()
            .AddCatalogServer()
            .AddDiscoveryServer()
            .AddBreakerServer()
            .AddLockServer()
            .AddIdempotencyServer()
            .AddSagaServer();
        return silo;
    }
}
