using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Microsoft.Extensions.ServiceDiscovery drops a provider that nobody has asked for 10 seconds, and makes a new one for the next request.</summary>
public sealed class ClusterServiceEndpointLifetimeTests
{
    [Fact]
    public async Task Providers_HoweverManyComeAndGo_ShareOneWatchAndLeaveNothing()
    {
        await using var clients = new DiscoveredClients();
        clients.Registry.List(ListedRegistry.Instance("http://a:80"));
        for (var round = 0; round < 10; round++)
        {
            await ComeAndGoAsync(clients, 100);
            GC.Collect();
        }

        await ComeAndGoAsync(clients, 1);
        Assert.Equal((1, 1), (clients.Registry.Watches, clients.Registry.OpenWatches));
        Assert.InRange(clients.Watches.Of("orders").SignalCount, 1, 250);
    }

    [Fact]
    public async Task Token_OfAProviderThatIsGone_StillFiresForWhoHoldsIt()
    {
        await using var clients = new DiscoveredClients();
        clients.Registry.List(ListedRegistry.Instance("http://a:80"));
        var heard = new TaskCompletionSource();
        var token = await HoldAsync(clients);
        using var registration = token.RegisterChangeCallback(_ => heard.SetResult(), null);
        GC.Collect();

        await clients.Registry.ListAsync();

        await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(token.HasChanged);
    }

    [Fact]
    public async Task Listener_ThatThrows_KeepsNobodyFromHearing()
    {
        await using var clients = new DiscoveredClients();
        clients.Registry.List(ListedRegistry.Instance("http://a:80"));
        var (first, second) = (await HoldAsync(clients), await HoldAsync(clients));
        using var registration = first.RegisterChangeCallback(_ => throw new InvalidOperationException("a listener's own fault"), null);

        await clients.Registry.ListAsync();

        Assert.True(first.HasChanged && second.HasChanged);
        Assert.Equal((1, 1), (clients.Registry.Watches, clients.Registry.OpenWatches));
    }

    [Fact]
    public async Task Disposal_EndsTheWatch()
    {
        var clients = new DiscoveredClients();
        await using (clients)
        {
            clients.Registry.List(ListedRegistry.Instance("http://a:80"));
            await clients.ResolveAsync("http://orders");
            Assert.Equal(1, clients.Registry.OpenWatches);
        }

        Assert.Equal(0, clients.Registry.OpenWatches);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ComeAndGoAsync(DiscoveredClients clients, int times)
    {
        for (var time = 0; time < times; time++)
        {
            // As the composite token of a watcher does, the callback is never taken back.
            (await HoldAsync(clients)).RegisterChangeCallback(_ => { }, new byte[10_000]);
        }
    }

    private static async Task<IChangeToken> HoldAsync(DiscoveredClients clients)
    {
        Assert.True(ServiceEndpointQuery.TryParse("http://orders", out var query));
        Assert.True(clients.Factory.TryCreateProvider(query, out var provider));
        await using var held = provider;
        var builder = new Builder();
        await held.PopulateAsync(builder, TestContext.Current.CancellationToken);
        return builder.Token!;
    }

    private sealed class Builder : IServiceEndpointBuilder
    {
        public IList<ServiceEndpoint> Endpoints { get; } = [];

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public IChangeToken? Token { get; private set; }

        public void AddChangeToken(IChangeToken changeToken) => Token = changeToken;
    }
}
