using System.Net;
using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Clients of Microsoft.Extensions.ServiceDiscovery in front of real servers.</summary>
public sealed class ClusterServiceEndpointProviderTests : IAsyncLifetime
{
    private readonly List<NamedServer> _servers = [];

    private NamedServer A => _servers[0];

    private NamedServer B => _servers[1];

    public async ValueTask InitializeAsync()
    {
        _servers.Add(await NamedServer.StartAsync("a"));
        _servers.Add(await NamedServer.StartAsync("b"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Requests_FollowTheList_WithoutPolling()
    {
        await using var clients = new DiscoveredClients();
        clients.Registry.List(A.Instance);
        Assert.Equal($"a {A.Address.Authority} /pay?id=7", await clients.GetAsync("http://orders/pay?id=7"));

        await clients.Registry.ListAsync(A.Instance, B.Instance);
        Assert.Equal(new[] { A.Address.Port, B.Address.Port }.Order(), await ResolvedAsync(clients));

        await clients.Registry.ListAsync(B.Instance);
        Assert.Equal([B.Address.Port], await ResolvedAsync(clients));

        Assert.Equal(["orders"], clients.Registry.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Configuration_WhicheverCameFirst_AnswersWhileTheRegistryHasNobodyToCall(bool isRegistryFirst)
    {
        await using var clients = new DiscoveredClients(
            isRegistryFirst: isRegistryFirst, configuration: new Dictionary<string, string?> { ["services:orders:http:0"] = B.Address.ToString() });
        clients.Registry.List(A.Instance);
        Assert.Equal(["a"], await NamesAsync(clients, 4));

        await clients.Registry.ListAsync();
        Assert.Equal([B.Address.Port], await ResolvedAsync(clients));

        await clients.Registry.ListAsync(A.Instance);
        Assert.Equal([A.Address.Port], await ResolvedAsync(clients));
    }

    [Fact]
    public async Task ClusterThatIsAwayAtFirst_IsNamed_AndAskedAgain()
    {
        await using var clients = new DiscoveredClients();
        clients.Registry.List(A.Instance);
        clients.Registry.Fault = new ClusterUnavailableException("find service 'orders'", TimeSpan.FromSeconds(5), new TimeoutException());
        Assert.Same(clients.Registry.Fault, await Assert.ThrowsAsync<ClusterUnavailableException>(() => clients.GetAsync("http://orders")));

        clients.Registry.Fault = null;
        Assert.Equal(["a"], await NamesAsync(clients, 1));
    }

    [Fact]
    public async Task WatchThatBreaksOff_LeavesTheLastList_AndIsBegunAnew()
    {
        var time = new ObservedTime();
        await using var clients = new DiscoveredClients(time: time);
        clients.Registry.List(A.Instance);
        Assert.Equal(["a"], await NamesAsync(clients, 4));

        clients.Registry.Break(new TimeoutException());
        await time.ArmedAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["a"], await NamesAsync(clients, 4));

        time.Advance(TimeSpan.FromSeconds(1));
        await clients.Registry.ListAsync(B.Instance);
        Assert.Equal([B.Address.Port], await ResolvedAsync(clients));
        Assert.Equal((2, 1), (clients.Registry.Watches, clients.Registry.OpenWatches));
    }

    [Fact]
    public async Task NamesOfTheWorldOutside_AreNotLookedUp()
    {
        await using var clients = new DiscoveredClients();
        Assert.Equal($"a {A.Address.Authority} /", await clients.GetAsync(A.Address.ToString()));
        Assert.Equal($"b localhost:{B.Address.Port} /", await clients.GetAsync($"http://localhost:{B.Address.Port}/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => clients.GetAsync("http://orders.invalid/"));
        Assert.Empty(clients.Registry.Asked);

        await using var wide = new DiscoveredClients(options => options.ShouldResolve = name => name == "orders.invalid");
        wide.Registry.List(A.Instance);
        Assert.StartsWith("a ", await wide.GetAsync("http://orders.invalid/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostNameMetadata_OfThoseItIsWantedFor_IsTheRequestsHost()
    {
        await using var clients = new DiscoveredClients(options => options.ShouldApplyHostNameMetadata = instance => instance.Id == "b");
        clients.Registry.List(A.Instance, B.Instance);
        Assert.Equal(
            [$"a {A.Address.Authority} /", "b orders /"], new[] { await clients.GetAsync("http://orders"), await clients.GetAsync("http://orders") }.Order());
    }

    /// <summary>
    /// On which ports calls go out from now on. Not by making them: Microsoft's handler for them goes on with the former list for a moment after the resolver has
    /// taken the new one.
    /// </summary>
    private static async Task<IEnumerable<int>> ResolvedAsync(DiscoveredClients clients) => (await clients.ResolveAsync("http://orders"))
        .Select(endpoint => endpoint.EndPoint switch
        {
            UriEndPoint address => address.Uri.Port,
            IPEndPoint address => address.Port,
            DnsEndPoint address => address.Port,
            var other => throw new NotSupportedException($"{other}"),
        })
        .Order();

    /// <summary>The names of those that answer, in order.</summary>
    private static async Task<IEnumerable<string>> NamesAsync(DiscoveredClients clients, int requests)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var request = 0; request < requests; request++)
        {
            names.Add((await clients.GetAsync("http://orders/"))[..1]);
        }

        return names;
    }
}
