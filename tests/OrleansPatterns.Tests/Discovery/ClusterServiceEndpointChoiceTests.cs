using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Which instances and addresses answer which question.</summary>
public sealed class ClusterServiceEndpointChoiceTests
{
    [Theory]
    [InlineData("http://orders", "http://a:80/")]
    [InlineData("http://orders:8080", "http://a:80/")]
    [InlineData("https://orders", "https://a:443/ https://b:443/v1")]
    [InlineData("https+http://orders", "https://a:443/ https://b:443/v1")]
    [InlineData("http+https://orders", "http://a:80/ https://b:443/v1")]
    [InlineData("orders", "http://a:80/ https://b:443/v1")]
    [InlineData("http://_grpc.orders", "http://a:5000/")]
    [InlineData("_grpc.orders", "http://a:5000/")]
    [InlineData("https://_grpc.orders", "")]
    [InlineData("tcp://orders", "")]
    public async Task Query_ForSchemesOrAName_FindsTheAddressesThatFit(string query, string expected)
    {
        var http = ListedRegistry.Instance("http://a:80") with
        {
            Endpoints = new Dictionary<string, Uri> { ["https"] = new("https://a:443"), ["gRPC"] = new("http://a:5000") },
        };
        Assert.Equal(expected, await FindAsync(query, [http, ListedRegistry.Instance("https://b:443/v1")]));
    }

    [Fact]
    public async Task Instances_ThatAreNotToBeCalled_AreLeftOut()
    {
        var instances = Enum.GetValues<InstanceStatus>().Select(status => ListedRegistry.Instance($"http://{status}:80") with { Status = status });
        Assert.Equal("http://up:80/ http://warning:80/", await FindAsync("http://orders", instances));
    }

    [Fact]
    public async Task Suspects_AreCalledWhileThereIsNobodyElse()
    {
        var lapsed = ListedRegistry.Instance("http://lapsed:80") with { Status = InstanceStatus.Down, StatusSource = StatusSource.Lease };
        var down = ListedRegistry.Instance("http://down:80") with { Status = InstanceStatus.Down };
        Assert.Equal("http://up:80/", await FindAsync("http://orders", [lapsed, down, ListedRegistry.Instance("http://up:80")]));
        Assert.Equal("http://lapsed:80/", await FindAsync("http://orders", [lapsed, down]));
        Assert.Equal("", await FindAsync("http://orders", [down]));
    }

    [Fact]
    public async Task Weight_OfZero_IsCalledOnlyWhileAllHaveZero()
    {
        var none = ListedRegistry.Instance("http://none:80") with { Weight = 0 };
        Assert.Equal("http://some:80/", await FindAsync("http://orders", [none, ListedRegistry.Instance("http://some:80")]));
        Assert.Equal("http://none:80/", await FindAsync("http://orders", [none]));
    }

    [Fact]
    public async Task Filter_PassesOverInstances()
    {
        var tagged = ListedRegistry.Instance("http://tagged:80") with { Tags = ["blue"] };
        Assert.Equal(
            "http://tagged:80/",
            await FindAsync("http://orders", [tagged, ListedRegistry.Instance("http://plain:80")], options => options.Filter = instance => instance.Tags.Contains("blue")));
    }

    [Fact]
    public async Task Endpoint_CarriesItsInstance_AndNoHostNameUnlessWanted()
    {
        await using var clients = new DiscoveredClients();
        var instance = ListedRegistry.Instance("http://a:80") with { Zone = "west" };
        clients.Registry.List(instance);
        var endpoint = Assert.Single(await clients.ResolveAsync("http://orders"));
        Assert.Same(instance, endpoint.Features.Get<IServiceInstanceFeature>()?.Instance);
        Assert.Null(endpoint.Features.Get<IHostNameFeature>());
    }

    [Fact]
    public async Task Provider_AfterOneThatHasAnswered_IsSilent()
    {
        await using var clients = new DiscoveredClients();
        Assert.True(ServiceEndpointQuery.TryParse("http://orders", out var query));
        Assert.True(clients.Factory.TryCreateProvider(query, out var provider));
        await using var silent = provider;
        var answered = new Builder();
        answered.Endpoints.Add(ServiceEndpoint.Create(new UriEndPoint(new Uri("http://other:80"))));

        await silent.PopulateAsync(answered, TestContext.Current.CancellationToken);

        Assert.Equal((1, 0, 0), (answered.Endpoints.Count, answered.Tokens.Count, clients.Registry.Watches));
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("http://[::1]:80")]
    [InlineData("http://orders.example.com")]
    public async Task Factory_ForTheWorldOutside_HasNoProvider(string name)
    {
        await using var clients = new DiscoveredClients();
        Assert.True(ServiceEndpointQuery.TryParse(name, out var query));
        Assert.False(clients.Factory.TryCreateProvider(query, out _));
    }

    [Fact]
    public void Options_ThatAreNoFunctions_AreNamed()
    {
        var services = new ServiceCollection().AddClusterServiceEndpointProvider(options => (options.ShouldResolve, options.ShouldApplyHostNameMetadata) = (null!, null!));
        using var provider = services.BuildServiceProvider();
        Assert.Equal(
            [
                "ClusterServiceEndpointOptions.ShouldResolve is null; it must be a function. The default takes names without a dot.",
                "ClusterServiceEndpointOptions.ShouldApplyHostNameMetadata is null; it must be a function. The default takes no instance.",
            ],
            Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ClusterServiceEndpointOptions>>().Value).Failures);
    }

    [Fact]
    public void Add_Twice_AddsOneProvider() => Assert.Single(
        new ServiceCollection().AddClusterServiceEndpointProvider().AddClusterServiceEndpointProvider(),
        service => service.ServiceType == typeof(IServiceEndpointProviderFactory));

    /// <summary>The addresses that a provider finds, asked by itself: pass-through would answer where it has nothing.</summary>
    private static async Task<string> FindAsync(
        string asked, IEnumerable<ServiceInstance> instances, Action<ClusterServiceEndpointOptions>? configure = null)
    {
        await using var clients = new DiscoveredClients(configure);
        clients.Registry.List(instances);
        Assert.True(ServiceEndpointQuery.TryParse(asked, out var query));
        Assert.True(clients.Factory.TryCreateProvider(query, out var provider));
        await using var found = provider;
        var builder = new Builder();
        await found.PopulateAsync(builder, TestContext.Current.CancellationToken);
        Assert.Single(builder.Tokens);
        Assert.Equal(["orders"], clients.Registry.Asked);
        return string.Join(' ', builder.Endpoints.Select(endpoint => ((UriEndPoint)endpoint.EndPoint).Uri).Select(uri => $"{uri.Scheme}://{uri.Host}:{uri.Port}{uri.AbsolutePath}"));
    }

    private sealed class Builder : IServiceEndpointBuilder
    {
        public IList<ServiceEndpoint> Endpoints { get; } = [];

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public List<IChangeToken> Tokens { get; } = [];

        public void AddChangeToken(IChangeToken changeToken) => Tokens.Add(changeToken);
    }
}
