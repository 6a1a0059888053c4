using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests;

/// <summary>Silos that are processes and can be killed, and clients of them in this process.</summary>
internal sealed class SiloProcessCluster : IAsyncDisposable
{
    /// <summary>A killed silo is found out within seconds.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Membership__ProbeTimeout"] = "00:00:01",
        ["Membership__MinProbeTimeout"] = "00:00:01",
        ["Membership__NumMissedProbesLimit"] = "2",

        // If all are killed, a new one waits until the entries of the dead are this old.
        ["Membership__IAmAliveTablePublishTimeout"] = "00:00:02",
        ["Membership__NumMissedTableIAmAliveLimit"] = "2",
    };

    private readonly LocalDatabase _database;
    private readonly List<Process> _silos = [];
    private readonly List<IHost> _clients = [];

    private readonly string? _role;

    private SiloProcessCluster(LocalDatabase database, string? role) => (_database, _role) = (database, role);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IManagementGrain Management => _clients[0].Service<IGrainFactory>().GetGrain<IManagementGrain>(0);

    /// <summary>Three silos, and a first client.</summary>
    /// <param name="server">The server for their database.</param>
    /// <param name="configure">What the client needs more.</param>
    /// <param name="role">What the silos are, see <see cref="SiloProcess.Start"/>.</param>
    public static async Task<SiloProcessCluster> StartAsync(PostgresServer server, Action<IClientBuilder>? configure = null, string? role = null)
    {
        var cluster = new SiloProcessCluster(await server.Postgres.CreateDatabaseAsync(Token), role);
        for (var silo = 0; silo < 3; silo++)
        {
            cluster.StartSilo();
        }

        await cluster.ConnectAsync(configure);
        while ((await cluster.Management.GetHosts(onlyActive: true, Token)).Count < cluster._silos.Count)
        {
            // The next round trip waits for them.
        }

        return cluster;
    }

    public void StartSilo() => _silos.Add(SiloProcess.Start(_database.ConnectionString, Settings, _role));

    public T Service<T>(int client = 0)
        where T : notnull => _clients[client].Service<T>();

    public async Task ConnectAsync(Action<IClientBuilder>? configure = null)
    {
        var client = SiloHost.Client(
            client =>
            {
                client.UsePostgres(_database.ConnectionString).AddOrleansPatterns();
                configure?.Invoke(client);
            },
            SiloProcess.ClusterId);
        await client.StartAsync(Token);
        _clients.Add(client);
    }

    public int RunningSilos => _silos.Count(silo => !silo.HasExited);

    public async Task ExecuteAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    public async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var database = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Token);
        List<T> rows = [];
        while (await reader.ReadAsync(Token))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public async Task KillAllAsync()
    {
        foreach (var silo in _silos)
        {
            await KillAsync(silo);
        }
    }

    public async Task KillSiloOfAsync(IAddressable grain)
    {
        var address = await AnswerAsync(() => Management.GetActivationAddress(grain, Token).AsTask());
        var host = _silos.Find(silo => silo.StartInfo.Environment["SiloPort"] == address?.Endpoint.Port.ToString(CultureInfo.InvariantCulture));
        if (host is { HasExited: false })
        {
            await KillAsync(host);
        }
    }

    /// <summary>What is asked again until the cluster has found out who is gone.</summary>
    public static async Task<T> AnswerAsync<T>(Func<Task<T>> ask)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await ask().WaitAsync(TimeSpan.FromSeconds(10), RealTime.Provider, Token);
            }
            catch (Exception) when (patience.Elapsed < TimeSpan.FromMinutes(2))
            {
                Token.ThrowIfCancellationRequested();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.StopAsync(CancellationToken.None);
            client.Dispose();
        }

        await KillAllAsync();
        foreach (var silo in _silos)
        {
            silo.Dispose();
        }

        await _database.DisposeAsync();
    }

    private static async Task KillAsync(Process silo)
    {
        silo.Kill();
        await silo.WaitForExitAsync(CancellationToken.None);
    }
}
