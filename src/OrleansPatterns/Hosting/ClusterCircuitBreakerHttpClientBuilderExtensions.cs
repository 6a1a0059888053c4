using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using OrleansPatterns.CircuitBreakers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a cluster's breaker into the clients of an <see cref="System.Net.Http.IHttpClientFactory"/>.</summary>
public static class ClusterCircuitBreakerHttpClientBuilderExtensions
{
    /// <summary>Adds a breaker that opens for the whole cluster; see <see cref="CircuitBreakerHandler"/>. Add it after whatever repeats calls.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <param name="dependency">The dependency's name; <see langword="null"/>: the client's.</param>
    /// <param name="configure">What counts as a failure. The default counts 5xx, 408, 429, failed requests and timeouts.</param>
    public static IHttpClientBuilder AddClusterCircuitBreaker(
        this IHttpClientBuilder builder, string? dependency = null, Action<CircuitBreakerHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpMessageHandler(services =>
        {
            var options = new CircuitBreakerHandlerOptions();
            configure?.Invoke(options);
            var breaker = services.GetRequiredService<ICircuitBreakerProvider>().Get(dependency ?? builder.Name);
            return new CircuitBreakerHandler(CircuitBreaker.Own(breaker), options, TimeoutOf(services, builder.Name));
        });
    }

    /// <summary>A handler is not told its client's timeout, so a client is made to see.</summary>
    private static TimeSpan TimeoutOf(IServiceProvider services, string client)
    {
        using var sample = new HttpClient();
        foreach (var configure in services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get(client).HttpClientActions)
        {
            configure(sample);
        }

        return sample.Timeout;
    }
}
