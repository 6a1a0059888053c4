using System.Globalization;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>What the areas share: one PostgreSQL that waits for its disk, silos on databases of their own, Redis. Started when first asked for.</summary>
internal sealed class BenchmarkEnvironment : IAsyncDisposable
{
    /// <summary>The last started is the first to end.</summary>
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly Dictionary<string, object?> _shared = [];

    private BenchmarkEnvironment(LocalPostgres postgres)
    {
        Postgres = postgres;
        _started.Push(postgres);
    }

    internal LocalPostgres Postgres { get; }

    internal static async Task<BenchmarkEnvironment> StartAsync() =>
        new(await LocalPostgres.StartAsync(new LocalPostgresOptions { WaitForDisk = true }));

    /// <summary>A new empty database.</summary>
    internal async Task<string> DatabaseAsync()
    {
        var database = await Postgres.CreateDatabaseAsync();
        _started.Push(database);
        return database.ConnectionString;
    }

    /// <summary>The services of an Orleans client in this process, whose silo is another process over loopback.</summary>
    internal async Task<IServiceProvider> ClientAsync() =>
        (await SharedAsync("client", async () => Own(await StartClusterAsync()))).Services;

    /// <summary>The services of a silo in this process.</summary>
    internal async Task<IServiceProvider> CoHostedAsync() => (await SharedAsync("silo", async () =>
    {
        var host = await BenchmarkSilo.StartAsync(await DatabaseAsync());
        _started.Push(new StoppedHost(host));
        return host;
    })).Services;

    /// <summary>A cluster that its caller ends.</summary>
    internal Task<BenchmarkCluster> StartClusterAsync(int silos = 1, int clients = 1) => BenchmarkCluster.StartAsync(Postgres, silos, clients);

    /// <summary>A Redis server; <see langword="null"/>: none is installed.</summary>
    internal Task<RedisServer?> RedisAsync(bool isDurable) => SharedAsync(string.Create(CultureInfo.InvariantCulture, $"redis {isDurable}"), async () =>
    {
        var server = await RedisServer.StartAsync(isDurable);
        if (server is not null)
        {
            _started.Push(server);
        }

        return server;
    });

    /// <summary>Ended with the environment.</summary>
    internal T Own<T>(T started)
        where T : IAsyncDisposable
    {
        _started.Push(started);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var started))
        {
            await started.DisposeAsync();
        }
    }

    private async Task<T> SharedAsync<T>(string name, Func<Task<T>> start)
    {
        if (!_shared.TryGetValue(name, out var started))
        {
            started = await start();
            _shared.Add(name, started);
        }

        return (T)started!;
    }
}
