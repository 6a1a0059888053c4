using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceShardsTests(SmallListCluster fixture) : IClassFixture<SmallListCluster>
{
    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainFactory Grains => fixture.Client.GetRequiredService<IGrainFactory>();

    private IServiceRegistry Registry => fixture.Client.GetRequiredService<IServiceRegistry>();

    [Fact]
    public async Task LargeService_IsSpreadOverLists_AndReadersSeeOneWhole()
    {
        const int Instances = 40;
        var root = Grains.GetServiceGrain(_service);
        var watching = WatchAsync(fixture.Silo.GetRequiredService<IServiceRegistry>(), Instances);
        var registrations = new List<ServiceRegistration>();
        foreach (var id in Names(Instances))
        {
            registrations.Add(await Registry.RegisterAsync(_service, Instance(id) with { Lease = TimeSpan.FromHours(1) }, Token));
            Assert.Equal(registrations.Count, (await root.GetSnapshotAsync()).Instances.Length);
        }

        var shards = (await root.GetSnapshotAsync()).Shards;
        Assert.Equal(8, shards);

        // One that is in two lists by now: what is decided of it reaches both.
        Assert.NotEqual(0, ServiceShards.HomeOf("i001", shards));
        Assert.True(await Registry.OverrideStatusAsync(_service, "i001", new InstanceOverride { Status = InstanceStatus.Warning, Reason = "smoke" }, Token));

        // Those that were registered before the service had so many lists leave the ones that are not theirs.
        fixture.Time.Advance(Seconds(5));
        while (registrations.Any(registration => registration.Shard != ServiceShards.HomeOf(registration.Instance.Id, shards)))
        {
            Assert.Equal(Names(Instances), (await root.GetSnapshotAsync()).Available.Select(instance => instance.Id));
        }

        while (!await IsSettledAsync(shards))
        {
            fixture.Time.Advance(Seconds(1));
            Assert.Equal(Names(Instances), (await root.GetSnapshotAsync()).Available.Select(instance => instance.Id));
        }

        await watching.WaitAsync(Seconds(20), Token);
        var byHand = (await root.GetSnapshotAsync()).Instances.Single(instance => instance.Id == "i001");
        Assert.Equal((InstanceStatus.Warning, StatusSource.Operator), (byHand.Status, byHand.StatusSource));
        await registrations[0].DisposeAsync();
        Assert.Equal(Names(Instances).Skip(1), (await root.GetSnapshotAsync()).Instances.Select(instance => instance.Id));
        foreach (var registration in registrations)
        {
            await registration.DisposeAsync();
        }
    }

    /// <summary>The same in every process and version: an instance would be in two lists otherwise.</summary>
    [Fact]
    public void HomeOf_IsForEver_AndMovesHalfWhenListsDouble()
    {
        Assert.Equal("6251", string.Concat(((string[])["a", "orders-1", "Ä", "0f8fad5b"]).Select(id => ServiceShards.HomeOf(id, 8))));
        var ids = Enumerable.Range(0, 10_000).Select(number => $"instance-{number}").ToList();
        Assert.All(ids, id => Assert.Equal(ServiceShards.HomeOf(id, 4), ServiceShards.HomeOf(id, 8) % 4));
        Assert.All(ids.GroupBy(id => ServiceShards.HomeOf(id, 16)), home => Assert.InRange(home.Count(), 500, 750));
    }

    [Theory]
    [InlineData("service/3/x", "3/x", 0)]
    [InlineData("service-12/3/x", "3/x", 12)]
    public void GrainKey_IsTakenApart(string key, string service, int shard)
    {
        Assert.Equal((service, shard), ServiceShards.Parse(key));
        Assert.Equal(key, ServiceShards.GrainKey(service, shard));
    }

    private async Task<bool> IsSettledAsync(int shards)
    {
        for (var shard = 0; shard < shards; shard++)
        {
            var list = await Grains.GetServiceGrain(_service, shard).WatchAsync(
                Grains.CreateObjectReference<IServiceObserver>(new RecordedChanges()), Guid.NewGuid(), -1);
            if (list!.Instances.Any(instance => ServiceShards.HomeOf(instance.Id, shards) != shard))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whom a watcher has once seen it sees until the end.</summary>
    private async Task WatchAsync(IServiceRegistry registry, int instances)
    {
        var known = new HashSet<string>();
        await foreach (var list in registry.WatchAsync(_service, Token))
        {
            Assert.Superset(known, list.Instances.Select(instance => instance.Id).ToHashSet());
            known.UnionWith(list.Instances.Select(instance => instance.Id));
            if (known.Count == instances && list.Shards == 8)
            {
                return;
            }
        }
    }
}
