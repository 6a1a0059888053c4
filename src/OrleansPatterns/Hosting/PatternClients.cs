using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Hosting;

/// <summary>The client services of all five patterns: the same in a client and in a silo.</summary>
internal static class PatternClients
{
    internal static IServiceCollection AddPatternClients(this IServiceCollection services)
    {
        services.AddSerializer(serializer => serializer.AddAssembly(typeof(PatternClients).Assembly));

        // What the database's driver says, and the exception of Polly's with which Orleans' placement gives up: neither would reach a client by itself.
        services.Configure<ExceptionSerializationOptions>(options =>
        {
            options.SupportedNamespacePrefixes.Add("Npgsql");
            options.SupportedNamespacePrefixes.Add("Polly.Timeout");
        });
        services.AddOptions<ClusterCallOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterCallOptions>, ClusterCallOptionsValidator>());
        services.TryAddSingleton<ClusterCaller>();
        services.TryAddSingleton<ICatalogSearch, CatalogSearch>();

        return services
            .AddDiscoveryClient()
            .AddBreakerClient()
            .AddLockClient()
            .AddIdempotencyClient()
            .AddSagaClient();
    }
}
