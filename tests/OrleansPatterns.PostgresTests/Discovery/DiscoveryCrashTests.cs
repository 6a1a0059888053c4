using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.PostgresTests.Discovery;

/// <summary>What becomes of a large service when the silo that has its list, which is a process here, is killed.</summary>
public sealed class DiscoveryCrashTests(PostgresServer server) : IAsyncLifetime
{
    private const int Instances = 1_000;

    /// <summary>The default. Shorter, a machine that is busy with other tests may keep a process from telling in time that it lives.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private SiloProcessCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloProcessCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public async ValueTask InitializeAsync()
    {
        _cluster = await SiloProcessCluster.StartAsync(server, Configure);
        await _cluster.ConnectAsync(Configure);

        static void Configure(IClientBuilder client) => client.Services.Configure<DiscoveryOptions>(options =>
        {
            options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            options.Lease = Lease;
            options.RemoveAfter = Lease * 1.5;
            options.RefreshInterval = TimeSpan.FromSeconds(1);
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task SiloOfAThousandInstances_Killed_LosesNobody_AndNoWatcherSeesThemGone()
    {
        var registry = Cluster.Service<IServiceRegistry>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Instances),
            new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token },
            async (number, token) => await registry.RegisterAsync(
                "orders", new ServiceInstance { Id = $"{number:D4}", Endpoint = new Uri($"http://10.0.0.7:{8_000 + number}") }, token));
        var grain = Cluster.Service<IGrainFactory>().GetServiceGrain("orders");
        Assert.Equal(Instances, (await grain.GetSnapshotAsync()).Instances.Length);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var fewest = int.MaxValue;
        var isWatching = new TaskCompletionSource();
        var watching = WatchAsync();
        await isWatching.Task.WaitAsync(Token);
        await Cluster.KillSiloOfAsync(grain);

        // The lists are taken over, and for longer than anybody's silence would be borne since then, all are there.
        await SiloProcessCluster.AnswerAsync(grain.GetSnapshotAsync);
        for (var since = Stopwatch.StartNew(); since.Elapsed < Lease * 2;)
        {
            var list = await SiloProcessCluster.AnswerAsync(grain.GetSnapshotAsync);
            Assert.Equal((Instances, Instances, false), (list.Instances.Length, list.Available.Count(), list.IsProtected));
        }

        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.Equal(Instances, fewest);
        Assert.True((await grain.GetSnapshotAsync()).Shards > 1, "A thousand are more than one list is to have.");

        // A list that is not the one of now would not have heard of this.
        await using var late = await registry.RegisterAsync("orders", new Uri("http://10.0.0.8:80"), Token);
        await foreach (var list in Cluster.Service<IServiceRegistry>(client: 1).WatchAsync("orders", Token))
        {
            if (list.Instances.Any(instance => instance.Id == late.Instance.Id))
            {
                break;
            }
        }

        async Task WatchAsync()
        {
            await foreach (var list in Cluster.Service<IServiceRegistry>(client: 1).WatchAsync("orders", enough.Token))
            {
                fewest = Math.Min(fewest, list.Available.Count());
                isWatching.TrySetResult();
            }
        }
    }
}
