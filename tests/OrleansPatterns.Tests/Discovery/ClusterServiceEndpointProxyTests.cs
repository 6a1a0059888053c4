using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;
using Yarp.ReverseProxy.Configuration;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A YARP proxy that finds its destinations in the registry.</summary>
public sealed class ClusterServiceEndpointProxyTests
{
    private readonly ConfigListener _config = new();
    private readonly Witness _witness = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Proxy_FollowsTheList_EvenLongAfterItsProviderWasDropped()
    {
        await using var a = await NamedServer.StartAsync("a");
        await using var b = await NamedServer.StartAsync("b");
        var registry = new ListedRegistry();
        registry.List(a.Instance);
        var time = new FakeTimeProvider();
        await using var proxy = await StartProxyAsync(registry, time);
        using var client = new HttpClient { BaseAddress = new Uri(proxy.Urls.Single()) };
        Assert.Equal(["a"], await NamesAsync(client));
        Assert.Equal($"a {a.Address.Authority} /pay?id=7", await client.GetStringAsync(new Uri("/pay?id=7", UriKind.Relative), Token));

        // Nobody asks for destinations until their token fires, so the watcher and its provider are dropped.
        time.Advance(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        await _witness.Dropped.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        GC.Collect();
        await ChangeAsync(registry, a.Instance, b.Instance);
        Assert.Equal(["a", "b"], await NamesAsync(client));

        await ChangeAsync(registry, b.Instance);
        Assert.Equal(["b"], await NamesAsync(client));
        Assert.Equal(1, registry.OpenWatches);
    }

    private async Task<WebApplication> StartProxyAsync(IServiceRegistry registry, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(registry);
        builder.Services.AddSingleton(time);
        builder.Services.AddServiceDiscovery(options => options.RefreshPeriod = TimeSpan.FromDays(1));
        builder.Services.AddClusterServiceEndpointProvider();
        builder.Services.AddSingleton<IServiceEndpointProviderFactory>(_witness);
        builder.Services.AddSingleton<IConfigChangeListener>(_config);
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                [new RouteConfig { RouteId = "all", ClusterId = "orders", Match = new RouteMatch { Path = "{**rest}" } }],
                [
                    new ClusterConfig
                    {
                        ClusterId = "orders",
                        LoadBalancingPolicy = "RoundRobin",
                        Destinations = new Dictionary<string, DestinationConfig> { ["any"] = new() { Address = "http://orders" } },
                    },
                ])
            .AddServiceDiscoveryDestinationResolver();
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        await proxy.StartAsync(Token);
        return proxy;
    }

    /// <summary>Writes the list, and waits until the proxy has taken it.</summary>
    private async Task ChangeAsync(ListedRegistry registry, params ServiceInstance[] instances)
    {
        var applied = _config.Applied = new TaskCompletionSource();
        await registry.ListAsync(instances);
        await applied.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static async Task<IEnumerable<string>> NamesAsync(HttpClient client)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var request = 0; request < 4; request++)
        {
            names.Add((await client.GetStringAsync(new Uri("/", UriKind.Relative), Token))[..1]);
        }

        return names;
    }

    private sealed class ConfigListener : IConfigChangeListener
    {
        public TaskCompletionSource? Applied { get; set; }

        public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => Applied?.TrySetResult();

        public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Applied?.TrySetException(exception);

        public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
        {
        }

        public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Applied?.TrySetException(exception);
    }

    /// <summary>A provider that has no endpoints, and tells when it is dropped.</summary>
    private sealed class Witness : IServiceEndpointProviderFactory
    {
        public TaskCompletionSource Dropped { get; } = new();

        public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
        {
            provider = new Provider(Dropped);
            return true;
        }

        private sealed class Provider(TaskCompletionSource dropped) : IServiceEndpointProvider
        {
            public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken) => ValueTask.CompletedTask;

            public ValueTask DisposeAsync()
            {
                dropped.TrySetResult();
                return ValueTask.CompletedTask;
            }
        }
    }
}
