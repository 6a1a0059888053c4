using OrleansPatterns.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Leases on a clock that only the test moves.</summary>
public sealed class ServiceLeaseTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan Lease = Seconds(15);
    private static readonly TimeSpan RemoveAfter = Seconds(60);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceGrain Grain => fixture.Service<IGrainFactory>().GetServiceGrain(_service);

    [Fact]
    public async Task Instance_WithoutHeartbeat_IsDownAtItsLease_AndLeavesExactlyAtItsEnd()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        Assert.Equal(InstanceStatus.Up, Assert.Single((await Grain.GetSnapshotAsync()).Instances).Status);
        fixture.Time.Advance(Instant);
        Assert.Equal(InstanceStatus.Down, Assert.Single((await Grain.GetSnapshotAsync()).Instances).Status);
        fixture.Time.Advance(RemoveAfter - Lease - Instant);
        Assert.Single((await Grain.GetSnapshotAsync()).Instances);
        fixture.Time.Advance(Instant);
        Assert.Empty((await Grain.GetSnapshotAsync()).Instances);
        Assert.Equal(["a"], (await Grain.HeartbeatAsync(["a"])).Unknown);
    }

    [Fact]
    public async Task Instance_WithHeartbeat_StaysUpForAnotherLease()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        Assert.Empty((await Grain.HeartbeatAsync(["a"])).Unknown);
        fixture.Time.Advance(Lease - Instant);
        Assert.Equal(InstanceStatus.Up, Assert.Single((await Grain.GetSnapshotAsync()).Instances).Status);
        Assert.Equal(1, (await Grain.GetSnapshotAsync()).Version);
    }

    [Fact]
    public async Task Instance_AfterTheEndOfItsGrainsActivation_HasAWholeLeaseAgain()
    {
        await RegisterAsync();
        fixture.Time.Advance(Lease - Instant);
        await fixture.Cluster.DeactivateAsync(Grain);
        Assert.Single((await Grain.GetSnapshotAsync()).Available);
        fixture.Time.Advance(Lease - Instant);
        Assert.Single((await Grain.GetSnapshotAsync()).Available);
        fixture.Time.Advance(Instant);
        Assert.Empty((await Grain.GetSnapshotAsync()).Available);
    }

    /// <summary>Silence that nobody asks about ends all the same, and is told to who watches.</summary>
    [Fact]
    public async Task Instance_WithoutHeartbeat_IsTakenFromWatchers_WithoutAnyQuestion()
    {
        await RegisterAsync();
        var seen = new RecordedChanges();
        var reference = fixture.Service<IGrainFactory>().CreateObjectReference<IServiceObserver>(seen);
        var list = await Grain.WatchAsync(reference, Guid.Empty, -1);
        fixture.Time.Advance(Lease);
        var change = await seen.NextAsync();
        Assert.Equal((list!.Epoch, list.Version, list.Version + 1), (change.Epoch, change.Since, change.Version));
        Assert.Equal((InstanceStatus.Down, StatusSource.Lease), (Assert.Single(change.Changed).Status, change.Changed[0].StatusSource));
        fixture.Time.Advance(RemoveAfter - Lease);
        Assert.Equal(["a"], (await seen.NextAsync()).Removed);
        GC.KeepAlive(seen);
    }

    [Fact]
    public async Task Changes_OfTheSameMoment_AreToldTogether()
    {
        var seen = new RecordedChanges();
        await Grain.WatchAsync(fixture.Service<IGrainFactory>().CreateObjectReference<IServiceObserver>(seen), Guid.Empty, -1);
        await RegisterAsync();
        Assert.Single((await seen.NextAsync()).Changed);
        foreach (var id in Names(5))
        {
            await Grain.RegisterAsync(Instance(id));
        }

        await Grain.DeregisterAsync("a");
        Assert.False(seen.HasAny);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(100));
        var change = await seen.NextAsync();
        Assert.Equal((1, 7), (change.Since, change.Version));
        Assert.Equal(Names(5), change.Changed.Select(instance => instance.Id));
        Assert.Equal(["a"], change.Removed);
        GC.KeepAlive(seen);
    }

    [Fact]
    public async Task Registration_ThatIsNoLongerListed_RegistersAgainAtItsNextHeartbeat()
    {
        var registry = fixture.Service<IServiceRegistry>();
        await using var registration = await registry.RegisterAsync(_service, Instance("a"), Token);
        await using var lists = registry.WatchAsync(_service, Token).GetAsyncEnumerator(Token);
        await lists.MoveNextAsync();

        await Grain.DeregisterAsync("a");

        // A heartbeat later, and what is told at the end of that moment.
        await fixture.Patterns.AdvanceAsync(Seconds(5.1), Token);
        while (lists.Current is not { Version: 3, Instances.Length: 1 })
        {
            Assert.True(await lists.MoveNextAsync());
        }
    }

    private async Task RegisterAsync() => await Grain.RegisterAsync(Instance("a"));
}
