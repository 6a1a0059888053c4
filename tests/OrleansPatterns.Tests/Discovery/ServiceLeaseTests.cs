using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Leases on a clock that only the test moves.</summary>
public sealed class ServiceLeaseTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceGrain Grain => fixture.Service<IGrainFactory>().GetServiceGrain(_service);

    [Fact]
    public async Task Instance_WithoutHeartbeat_LeavesExactlyAtItsLease()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        Assert.Single((await Grain.GetSnapshotAsync()).Instances);
        fixture.Time.Advance(Instant);
        Assert.Empty((await Grain.GetSnapshotAsync()).Instances);
        Assert.False(await Grain.HeartbeatAsync("a"));
    }

    [Fact]
    public async Task Instance_WithHeartbeat_StaysForAnotherLease()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        Assert.True(await Grain.HeartbeatAsync("a"));
        fixture.Time.Advance(Lease - Instant);
        Assert.Single((await Grain.GetSnapshotAsync()).Instances);
        Assert.Equal(1, (await Grain.GetSnapshotAsync()).Version);
    }

    [Fact]
    public async Task Instance_AfterTheEndOfItsGrainsActivation_HasAWholeLeaseAgain()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        await fixture.Cluster.DeactivateAsync(Grain);
        Assert.Single((await Grain.GetSnapshotAsync()).Instances);
        fixture.Time.Advance(Lease - Instant);
        Assert.Single((await Grain.GetSnapshotAsync()).Instances);
        fixture.Time.Advance(Instant);
        Assert.Empty((await Grain.GetSnapshotAsync()).Instances);
    }

    [Fact]
    public async Task Registration_ThatIsNoLongerListed_RegistersAgainAtItsNextHeartbeat()
    {
        var registry = fixture.Service<IServiceRegistry>();
        await using var registration = await registry.RegisterAsync(_service, new ServiceInstance { Id = "a", Endpoint = new Uri("http://127.0.0.1:8080") }, Token);
        await using var lists = registry.WatchAsync(_service, Token).GetAsyncEnumerator(Token);
        await lists.MoveNextAsync();

        await Grain.DeregisterAsync("a");
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        // Told by push or, if the subscription was not there yet, by the refresh of the same five seconds.
        while (lists.Current is not { Version: 3, Instances.Length: 1 })
        {
            Assert.True(await lists.MoveNextAsync());
        }
    }

    private Task RegisterAsync() => Grain.RegisterAsync(new ServiceInstance { Id = "a", Endpoint = new Uri("http://127.0.0.1:8080") }, Lease);
}
