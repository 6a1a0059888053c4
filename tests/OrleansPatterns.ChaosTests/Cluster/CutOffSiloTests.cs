using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.ChaosTests.Nemesis;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A silo that looks well to the others, and can store nothing.</summary>
[Collection<Clusters>]
public sealed class CutOffSiloTests
{
    private const int Dead = 6;

    /// <summary>Nobody expects a silo to write of which nobody has seen that it does. By so many times each of the others has looked often enough.</summary>
    private const int SeenToWrite = 8;

    [Fact(Timeout = 150_000)]
    public async Task Silo_CutOffFromTheDatabaseAlone_IsDeclaredDeadAndItsKeysAreServedByOthers()
    {
        var folder = Directory.CreateTempSubdirectory("orleanspatterns-cut-off-").FullName;
        await using (var cluster = await ChaosCluster.StartAsync(
            0, folder, new SkewedTime(TimeSpan.Zero), workers: 0, ChaosProcess.ThisBuild, TestContext.Current.CancellationToken))
        {
            await cluster.ConnectAsync(TestContext.Current.CancellationToken);
            var (key, silo) = await HeldBreakerAsync(cluster);
            await ReadUntilAsync(cluster, silo, "iamalivetime", row => row.GetDateTime(0), written => written.Count > SeenToWrite);
            silo.ToDatabase.Cut = Cut.Both;

            await ReadUntilAsync(cluster, silo, "status", row => row.GetInt32(0), statuses => statuses.Contains(Dead));
            await BreakerOf(cluster, key).CloseAsync(TestContext.Current.CancellationToken);

            Assert.Equal(BreakerState.Closed, (await StatusAsync(cluster, key)).Snapshot.State);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A breaker held by hand, and the silo that has it.</summary>
    private static async Task<(string Key, SiloSlot Silo)> HeldBreakerAsync(ChaosCluster cluster)
    {
        var grains = cluster.Client.Services.GetRequiredService<IGrainFactory>();
        const string Key = "payments";
        await BreakerOf(cluster, Key).IsolateAsync("moving house", TestContext.Current.CancellationToken);
        var address = await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grains.GetBreakerGrain(Key));
        return (Key, cluster.Silos.Single(silo => silo.FromSilos.EndPoint.Port == address!.Endpoint.Port));
    }

    /// <summary>Reads a column of the silo's rows until all that was ever seen there is enough.</summary>
    private static async Task ReadUntilAsync<T>(
        ChaosCluster cluster, SiloSlot silo, string column, Func<NpgsqlDataReader, T> read, Func<HashSet<T>, bool> isEnough)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"select {column} from orleans_membership where port = {silo.FromSilos.EndPoint.Port}");
        HashSet<T> seen = [];
        while (!isEnough(seen))
        {
            seen.UnionWith(await cluster.ReadAsync(sql, read));
            await Task.Delay(TimeSpan.FromMilliseconds(200), cluster.Time, TestContext.Current.CancellationToken);
        }
    }

    private static ICircuitBreaker BreakerOf(ChaosCluster cluster, string key) =>
        cluster.Client.Services.GetRequiredService<ICircuitBreakerProvider>().Get(key);

    private static Task<BreakerStatus> StatusAsync(ChaosCluster cluster, string key) =>
        cluster.Client.Services.GetRequiredService<IGrainFactory>().GetBreakerGrain(key).GetStatusAsync();
}
