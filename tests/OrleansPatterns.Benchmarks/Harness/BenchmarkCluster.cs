using System.Globalization;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>A silo in a process of its own, on a database of its own, and a client to it in this process.</summary>
internal sealed class BenchmarkCluster : IAsyncDisposable
{
    private readonly LocalDatabase _database;
    private readonly ChildProcess _silo;
    private readonly IHost _client;

    private BenchmarkCluster(LocalDatabase database, ChildProcess silo, IHost client) => (_database, _silo, _client) = (database, silo, client);

    internal IServiceProvider Services => _client.Services;

    internal string ConnectionString => _database.ConnectionString;

    internal static async Task<BenchmarkCluster> StartAsync(LocalPostgres postgres)
    {
        var database = await postgres.CreateDatabaseAsync();
        var silo = ChildProcess.StartOwnRole(BenchmarkSilo.Role, database.ConnectionString);
        if (await silo.ReadLineAsync() is var said && said != BenchmarkSilo.Ready)
        {
            throw new InvalidOperationException($"The silo did not start: {said}");
        }

        return new BenchmarkCluster(database, silo, await BenchmarkSilo.ConnectAsync(database.ConnectionString));
    }

    /// <summary>Bytes of live objects in the silo's process, after a full collection.</summary>
    internal async Task<long> SiloMemoryAsync() => long.Parse(await _silo.AskAsync("memory"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync();
        _client.Dispose();
        await _silo.DisposeAsync();
        await _database.DisposeAsync();
    }
}
