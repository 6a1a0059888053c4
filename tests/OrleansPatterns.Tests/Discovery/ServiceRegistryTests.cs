using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceRegistryTests(MemoryCluster fixture)
{
    private static readonly string[] Keys = ["2a", "02a", "2A", "123", "0123", "a+b", "0f8fad5b-d9cb-469f-a165-70867728950e"];
    private static readonly Uri Endpoint = new("http://127.0.0.1:8080");

    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceRegistry Registry => fixture.Service<IServiceRegistry>();

    private IGrainFactory Grains => fixture.Service<IGrainFactory>();

    [Fact]
    public async Task Register_WhenItReturns_IsSeenByTheGrainAndResolved()
    {
        await using var registration = await Registry.RegisterAsync(_service, Endpoint, Token);
        Assert.Equal(registration.Instance, Assert.Single((await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Instances));
        Assert.Equal(Endpoint, (await Registry.ResolveAsync(_service, Token)).Endpoint);
    }

    [Fact]
    public async Task Register_AndDispose_ArePushedToAnotherProcess()
    {
        // The refresh is far off, so only a push can bring the changes in time.
        var silo = fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[1].SiloAddress);
        await using var lists = silo.GetRequiredService<IServiceRegistry>().WatchAsync(_service, Token).GetAsyncEnumerator(Token);
        await lists.MoveNextAsync();
        Assert.Empty(lists.Current.Instances);

        var registration = await Registry.RegisterAsync(_service, Endpoint, Token);
        await lists.MoveNextAsync();
        Assert.Equal(registration.Instance, Assert.Single(lists.Current.Instances));

        await registration.DisposeAsync();
        await lists.MoveNextAsync();
        Assert.Empty(lists.Current.Instances);
    }

    /// <summary>The way of every call of an application.</summary>
    [Fact]
    public async Task Resolve_AndBeginCall_AllocateNothing()
    {
        await using var registration = await Registry.RegisterAsync(_service, Endpoint, Token);
        await Registry.ResolveAsync(_service, Token);
        var registry = Registry;
#pragma warning disable CA2012 // They are complete, or this fails.
        Assert.Equal(0, AllocatedBy(() => registry.ResolveAsync(_service).GetAwaiter().GetResult()));
        Assert.Equal(0, AllocatedBy(() => registry.BeginCallAsync(_service).GetAwaiter().GetResult().End(true)));
#pragma warning restore CA2012

        static long AllocatedBy(Action call)
        {
            for (var warmUp = 0; warmUp < 100; warmUp++)
            {
                call();
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var number = 0; number < 1_000; number++)
            {
                call();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public async Task Resolve_WithoutInstances_NamesTheService()
    {
        var exception = await Assert.ThrowsAsync<ServiceNotFoundException>(() => Registry.ResolveAsync(_service, Token).AsTask());
        Assert.StartsWith($"No instance of service '{_service}' is registered.", exception.Message, StringComparison.Ordinal);
        Assert.Null(await Registry.TryResolveAsync(_service, cancellationToken: Token));
    }

    [Fact]
    public async Task Resolve_WithEverySiloStopped_AnswersFromTheLastList()
    {
        await using var cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns().Build();
        await cluster.DeployAsync(Token);
        var registry = cluster.Client.ServiceProvider.GetRequiredService<IServiceRegistry>();
        await using var registration = await registry.RegisterAsync(_service, Endpoint, Token);
        await registry.ResolveAsync(_service, Token);

        await cluster.StopAllSilosAsync(Token);

        Assert.Equal(Endpoint, (await registry.ResolveAsync(_service, Token)).Endpoint);
    }

    [Fact]
    public async Task Keys_ThatLookLikeTheSameNumber_AreDifferentServices()
    {
        foreach (var key in Keys)
        {
            await Grains.GetServiceGrain(_service + "/" + key).RegisterAsync(new ServiceInstance { Id = key, Endpoint = Endpoint, Lease = TimeSpan.FromHours(1) });
        }

        foreach (var key in Keys)
        {
            Assert.Equal(key, Assert.Single((await Registry.GetInstancesAsync(_service + "/" + key, Token)).Instances).Id);
        }
    }

    [Fact]
    public async Task Register_WithAnInstanceOutOfBounds_IsRefusedByClientAndGrain_AndNothingIsRegistered()
    {
        var relative = new ServiceInstance { Id = "a", Endpoint = new Uri("/health", UriKind.Relative) };
        const string Message = "The endpoint of an instance is an absolute address such as http://10.0.0.7:8080; this one is '/health'.";
        Assert.Equal(Message, (await Assert.ThrowsAsync<ArgumentException>(() => Registry.RegisterAsync(_service, relative, Token))).Message);
        Assert.Equal(Message, (await Assert.ThrowsAsync<ArgumentException>(() => Grains.GetServiceGrain(_service).RegisterAsync(relative))).Message);
        Assert.Equal(0, (await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Version);
    }

    [Fact]
    public async Task Update_AndOverride_AreSeenByOthers_AndTheOperatorsWordHolds()
    {
        await using var registration = await Registry.RegisterAsync(_service, Endpoint, Token);
        await registration.UpdateAsync(instance => instance with { Tags = ["blue"], Weight = 3 }, Token);
        await registration.SetStatusAsync(InstanceStatus.Warning, Token);
        var listed = Assert.Single((await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Instances);
        Assert.Equal((InstanceStatus.Warning, StatusSource.Instance, 3, "blue"), (listed.Status, listed.StatusSource, listed.Weight, Assert.Single(listed.Tags)));

        var byHand = new InstanceOverride { Status = InstanceStatus.Down, Reason = "smoke" };
        Assert.True(await Registry.OverrideStatusAsync(_service, listed.Id, byHand, Token));
        Assert.False(await Registry.OverrideStatusAsync(_service, "nobody", byHand, Token));
        await registration.SetStatusAsync(InstanceStatus.Up, Token);
        listed = Assert.Single((await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Instances);
        Assert.Equal((InstanceStatus.Down, StatusSource.Operator), (listed.Status, listed.StatusSource));
        await Registry.OverrideStatusAsync(_service, listed.Id, byHand: null, Token);
        Assert.Equal(registration.Instance, Assert.Single((await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Instances));
    }

    [Fact]
    public async Task Update_ThatIsNotValid_IsRefusedAndChangesNothing()
    {
        await using var registration = await Registry.RegisterAsync(_service, Endpoint, Token);
        var before = registration.Instance;
        await Assert.ThrowsAsync<ArgumentException>(() => registration.SetStatusAsync(InstanceStatus.None, Token));
        Assert.Equal(
            $"The id of a registered instance stays '{before.Id}'; 'b' would be another. Register that. (Parameter 'change')",
            (await Assert.ThrowsAsync<ArgumentException>(() => registration.UpdateAsync(instance => instance with { Id = "b" }, Token))).Message);

        // Only the silos know that they make no health checks.
        var check = new InstanceHealthCheck { Kind = HealthCheckKind.Tcp };
        await Assert.ThrowsAsync<ArgumentException>(() => registration.UpdateAsync(instance => instance with { HealthCheck = check }, Token));
        Assert.Equal(before, registration.Instance);
        await registration.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => registration.SetStatusAsync(InstanceStatus.Draining, Token));
    }

    [Fact]
    public async Task Application_ThatRegistersItself_IsListedAtItsRealAddressWhileItRuns()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Registry);
        builder.Services.AddSingleton(fixture.Service<TimeProvider>());
        builder.Services.AddServiceRegistration(_service, registration => (registration.InstanceId, registration.DrainDelay) = ("web-1", TimeSpan.Zero));
        await using var app = builder.Build();
        await using var lists = Registry.WatchAsync(_service, Token).GetAsyncEnumerator(Token);
        await lists.MoveNextAsync();

        await app.StartAsync(Token);
        await lists.MoveNextAsync();
        Assert.Equal(("web-1", new Uri(app.Urls.Single())), (lists.Current.Instances[0].Id, lists.Current.Instances[0].Endpoint));

        await app.StopAsync(Token);
        await lists.MoveNextAsync();
        Assert.Empty(lists.Current.Instances);
    }

    [Theory]
    [InlineData("http://[::]:8080", "pod-7", "http://pod-7:8080/")]
    [InlineData("https://+:8443", "pod-7", "https://pod-7:8443/")]
    [InlineData("http://127.0.0.1:5000", "pod-7", "http://127.0.0.1:5000/")]
    public void OwnAddress_OfAWildcard_IsTheAdvertisedHost(string address, string advertisedHost, string expected) =>
        Assert.Equal([new Uri(expected)], OwnAddress.Of([address], advertisedHost));
}
