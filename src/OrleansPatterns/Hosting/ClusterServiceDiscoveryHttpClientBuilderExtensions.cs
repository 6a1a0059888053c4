using Microsoft.Extensions.Http;
using OrleansPatterns.Discovery;
using OrleansPatterns.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the clients of an <see cref="System.Net.Http.IHttpClientFactory"/> call services by name.</summary>
public static class ClusterServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>The handler that Microsoft.Extensions.ServiceDiscovery adds; the type is internal.</summary>
    private const string OtherResolver = "Microsoft.Extensions.ServiceDiscovery.Http.ResolvingHttpDelegatingHandler";

    /// <summary>Sends requests to instances that the cluster's registry lists; see <see cref="ServiceDiscoveryHandler"/>. Add it after whatever repeats calls.</summary>
    /// <remarks>
    /// Added after <c>AddClusterCircuitBreaker()</c>, each attempt that the breaker admits picks an instance. A gRPC client's own load balancing is
    /// switched off: it would take the service's name for a host's. So is, for this client, <c>AddServiceDiscovery()</c> of
    /// Microsoft.Extensions.ServiceDiscovery, which applications tend to add to all clients: it would have picked before.
    /// </remarks>
    /// <param name="builder">The client's builder.</param>
    /// <param name="configure">How instances are picked and judged; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same builder.</returns>
    public static IHttpClientBuilder AddClusterServiceDiscovery(
        this IHttpClientBuilder builder, Action<ServiceDiscoveryHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var timeout = ClientTimeout.Of(builder);
        builder.Services.PostConfigure<HttpClientFactoryOptions>(builder.Name, static options => options.HttpMessageHandlerBuilderActions.Add(DisableOthers));
        return builder.AddHttpMessageHandler(services =>
        {
            var options = new ServiceDiscoveryHandlerOptions();
            configure?.Invoke(options);
            return new ServiceDiscoveryHandler(
                services.GetRequiredService<IServiceRegistry>(), services.GetRequiredService<TimeProvider>(), options, timeout);
        });
    }

    private static void DisableOthers(HttpMessageHandlerBuilder handlers)
    {
        // GrpcChannel asks for this property, which Microsoft.Extensions.ServiceDiscovery sets too (its DisableGrpcLoadBalancingFilter).
        if (handlers.PrimaryHandler is SocketsHttpHandler sockets)
        {
            sockets.Properties["__GrpcLoadBalancingDisabled"] = true;
        }

        for (var index = handlers.AdditionalHandlers.Count - 1; index >= 0; index--)
        {
            if (handlers.AdditionalHandlers[index].GetType().FullName == OtherResolver)
            {
                handlers.AdditionalHandlers.RemoveAt(index);
            }
        }
    }
}
