using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Discovery;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>What a process that resolves and registers tells of it, with a cluster that is away when the test says so.</summary>
public sealed class DiscoveryMetricsTests : IAsyncLifetime
{
    private static volatile bool _isAway;

    private readonly ObservedTime _time = new();
    private readonly string _service = $"service-{Guid.NewGuid():N}";
    private TestCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceProvider Client => _cluster!.Client.ServiceProvider;

    private IServiceRegistry Registry => Client.GetRequiredService<IServiceRegistry>();

    public async ValueTask InitializeAsync()
    {
        _isAway = false;
        _cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns(_time).AddClientBuilderConfigurator<Away>().Build();
        await _cluster.DeployAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Unresolved_SaysWhetherThereIsAnyInstance()
    {
        using var metrics = new RecordedMetrics(Client);
        await Assert.ThrowsAsync<ServiceNotFoundException>(() => Registry.ResolveAsync(_service, Token).AsTask());
        Assert.Null(await Registry.TryResolveAsync(_service, cancellationToken: Token));
        Assert.Equal([("cause=none_listed", 1), ("cause=none_listed", 1)], metrics.Of("discovery.unresolved"));

        var other = $"{_service}/other";
        await using var registration = await Registry.RegisterAsync(other, Instance("a"), Token);
        Assert.NotNull(await Registry.TryResolveAsync(other, cancellationToken: Token));
        Assert.Null(await Registry.TryResolveAsync(other, static _ => false, cancellationToken: Token));
        Assert.Equal([("cause=none_usable", 1)], metrics.Of("discovery.unresolved").Skip(2));
    }

    [Fact]
    public async Task Registrations_AndTheOldestList_AreReadWhenSomebodyAsks()
    {
        using var metrics = new RecordedMetrics(Client);
        Assert.Empty(metrics.Read("discovery.registrations"));
        Assert.NotNull(Registry);
        Assert.Equal([("", 0)], metrics.Read("discovery.registrations"));
        Assert.Empty(metrics.Read("discovery.list.age"));

        var registration = await Registry.RegisterAsync(_service, Instance("a"), Token);
        await Registry.ResolveAsync(_service, Token);
        _time.Advance(Seconds(1));
        await Registry.GetInstancesAsync($"{_service}/other", Token);
        _time.Advance(Seconds(2));
        Assert.Equal([("", 1)], metrics.Read("discovery.registrations"));
        Assert.Equal([("", 3)], metrics.Read("discovery.list.age"));

        await registration.DisposeAsync();
        await registration.DisposeAsync();
        Assert.Equal([("", 0)], metrics.Read("discovery.registrations"));
    }

    [Fact]
    public async Task ClusterThatIsAway_ShowsInHeartbeatsAndLists()
    {
        using var metrics = new RecordedMetrics(Client);
        await using var one = await Registry.RegisterAsync(_service, Instance("a"), Token);
        await using var other = await Registry.RegisterAsync(_service, Instance("b"), Token);
        await Registry.ResolveAsync(_service, Token);
        await _time.ArmedAsync(Away.RefreshInterval);

        _isAway = true;
        _time.Advance(Away.RefreshInterval);
        await metrics.CountAsync("discovery.refresh.failures", 1);
        _time.Advance(Seconds(5) - Away.RefreshInterval);
        await metrics.CountAsync("discovery.heartbeat.failures", 1);
        _isAway = false;

        Assert.Equal([("", 1)], metrics.Of("discovery.refresh.failures"));
        Assert.Equal([("", 2)], metrics.Of("discovery.heartbeat.failures"));
        Assert.Empty(metrics.Of("discovery.registration.repeats"));
    }

    [Fact]
    public async Task Instance_ThatIsForgotten_IsRegisteredAgain()
    {
        using var metrics = new RecordedMetrics(Client);
        await using var registration = await Registry.RegisterAsync(_service, Instance("a"), Token);
        await Client.GetRequiredService<IGrainFactory>().GetServiceGrain(_service).DeregisterAsync("a");
        _time.Advance(Seconds(5));
        await metrics.CountAsync("discovery.registration.repeats", 1);

        Assert.Equal([("", 1)], metrics.Of("discovery.registration.repeats"));
        Assert.Equal([("", 1)], metrics.Read("discovery.registrations"));
    }

    private sealed class Away : IClientBuilderConfigurator
    {
        /// <summary>Another than that of heartbeats, so that each can be waited for.</summary>
        public static readonly TimeSpan RefreshInterval = Seconds(4);

        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            clientBuilder.Services.Configure<DiscoveryOptions>(options => options.RefreshInterval = RefreshInterval);
            clientBuilder.AddOutgoingGrainCallFilter(context =>
                _isAway ? throw new InvalidOperationException("The cluster is away.") : context.Invoke());
        }
    }
}
