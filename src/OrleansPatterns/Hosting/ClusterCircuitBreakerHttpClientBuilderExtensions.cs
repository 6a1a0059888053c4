using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a cluster's breaker into the clients of an <see cref="System.Net.Http.IHttpClientFactory"/>.</summary>
public static class ClusterCircuitBreakerHttpClientBuilderExtensions
{
    /// <summary>Adds a breaker that opens for the whole cluster; see <see cref="CircuitBreakerHandler"/>. Add it after whatever repeats calls.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <param name="dependency">The dependency's name; <see langword="null"/>: the client's.</param>
    /// <exception cref="ArgumentException">Neither is given.</exception>
    /// <param name="configure">What counts as a failure. The default counts 5xx, 408, 429, failed requests and timeouts.</param>
    public static IHttpClientBuilder AddClusterCircuitBreaker(
        this IHttpClientBuilder builder, string? dependency = null, Action<CircuitBreakerHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = dependency ?? builder.Name;
        if (string.IsNullOrEmpty(name))
        {
            throw new ArgumentException("The client has no name of its own that could be the dependency's. Give the dependency's.", nameof(dependency));
        }

        var timeout = ClientTimeout.Of(builder);
        return builder.AddHttpMessageHandler(services =>
        {
            var options = new CircuitBreakerHandlerOptions();
            configure?.Invoke(options);
            return new CircuitBreakerHandler(
                CircuitBreaker.Own(services.GetRequiredService<ICircuitBreakerProvider>().Get(name)), options, timeout);
        });
    }
}
