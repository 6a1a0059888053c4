using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>An application's services with Microsoft.Extensions.ServiceDiscovery, which never polls, and a registry whose list the test writes.</summary>
internal sealed class DiscoveredClients : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    internal DiscoveredClients(
        Action<ClusterServiceEndpointOptions>? configure = null,
        bool isRegistryFirst = false,
        IReadOnlyDictionary<string, string?>? configuration = null,
        TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IServiceRegistry>(Registry);
        services.AddSingleton(time ?? new FakeTimeProvider());
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build());
        services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        if (isRegistryFirst)
        {
            services.AddClusterServiceEndpointProvider(configure);
        }

        services.AddServiceDiscovery(options => options.RefreshPeriod = TimeSpan.FromDays(1));
        if (!isRegistryFirst)
        {
            services.AddClusterServiceEndpointProvider(configure);
        }

        _services = services.BuildServiceProvider();
        Http = _services.GetRequiredService<IHttpClientFactory>().CreateClient();
    }

    internal ListedRegistry Registry { get; } = new();

    internal HttpClient Http { get; }

    internal ServiceEndpointWatches Watches => _services.GetRequiredService<ServiceEndpointWatches>();

    internal IServiceEndpointProviderFactory Factory => _services.GetServices<IServiceEndpointProviderFactory>().First();

    internal Task<string> GetAsync(string address) => Http.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken);

    internal async Task<IReadOnlyList<ServiceEndpoint>> ResolveAsync(string query) =>
        (await _services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync(query, TestContext.Current.CancellationToken)).Endpoints;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _services.DisposeAsync();
    }
}
