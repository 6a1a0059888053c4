using System.Globalization;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>Silos in processes of their own, on a database of their own, and clients to them in this process.</summary>
internal sealed class BenchmarkCluster : IAsyncDisposable
{
    private readonly LocalDatabase _database;
    private readonly List<ChildProcess> _silos = [];
    private readonly List<IHost> _clients = [];

    private BenchmarkCluster(LocalDatabase database) => _database = database;

    /// <summary>Of the first client.</summary>
    internal IServiceProvider Services => _clients[0].Services;

    /// <summary>Of each client.</summary>
    internal IReadOnlyList<IServiceProvider> Clients => [.. _clients.Select(client => client.Services)];

    internal string ConnectionString => _database.ConnectionString;

    internal static async Task<BenchmarkCluster> StartAsync(LocalPostgres postgres, int silos = 1, int clients = 1)
    {
        var cluster = new BenchmarkCluster(await postgres.CreateDatabaseAsync());
        for (var number = 0; number < silos; number++)
        {
            var silo = ChildProcess.StartOwnRole(BenchmarkSilo.Role, cluster.ConnectionString);
            cluster._silos.Add(silo);
            if (await silo.ReadLineAsync() is var said && said != BenchmarkSilo.Ready)
            {
                throw new InvalidOperationException($"The silo did not start: {said}");
            }
        }

        for (var number = 0; number < clients; number++)
        {
            cluster._clients.Add(await BenchmarkSilo.ConnectAsync(cluster.ConnectionString));
        }

        return cluster;
    }

    /// <summary>Bytes of live objects in the first silo's process, after a full collection.</summary>
    internal async Task<long> SiloMemoryAsync() => long.Parse(await _silos[0].AskAsync("memory"), CultureInfo.InvariantCulture);

    /// <summary>What the silos' processes and this one have used of all processors until now.</summary>
    internal TimeSpan ProcessorTime => _silos.Aggregate(Environment.CpuUsage.TotalTime, static (sum, silo) => sum + silo.ProcessorTime);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.StopAsync();
            client.Dispose();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
