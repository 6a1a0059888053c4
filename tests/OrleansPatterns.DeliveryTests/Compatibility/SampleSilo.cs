using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>A silo of today on a real PostgreSQL, into which tests put rows as an earlier version left them.</summary>
public sealed class SampleSilo : IAsyncLifetime
{
    private const string ServiceId = "samples";

    private LocalPostgres? _server;
    private LocalDatabase? _database;
    private NpgsqlDataSource? _data;
    private IHost? _host;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host?.Services ?? throw new InvalidOperationException("The silo is not started yet.");

    private NpgsqlDataSource Data => _data ?? throw new InvalidOperationException("The database is not made yet.");

    public async ValueTask InitializeAsync()
    {
        _server = await LocalPostgres.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        _database = await _server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        _data = NpgsqlDataSource.Create(_database.ConnectionString);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("samples", ServiceId));
            var (siloPort, gatewayPort) = FreePorts();
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
            silo.UsePostgres(_database.ConnectionString).AddOrleansPatterns().AddSaga<SampleSaga, SampleSagaData>();
        });
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }

        if (_data is not null)
        {
            await _data.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Puts the row of a sample there, under a key that no grain has been asked by yet.</summary>
    /// <returns>The key.</returns>
    internal async Task<string> StoreAsync(string version, string sample, string ending)
    {
        var (pattern, key) = (sample.Split('.')[0], $"{version}/{sample}.{ending}");
        await using var insert = Data.CreateCommand(
            """
            insert into orleans_storage (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary)
            values ($1, $2, 0, 0, $3, 1, $4)
            """);
        Array.ForEach<object>([ServiceId, pattern, TextOf(pattern, key), SampleFiles.Bytes(version, sample, ending)], value => insert.Parameters.Add(new() { Value = value }));
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return key;
    }

    /// <summary>The version of a key's row: it grows with each write.</summary>
    internal async Task<int> RowVersionAsync(string pattern, string key)
    {
        await using var select = Data.CreateCommand("select version from orleans_storage where serviceid = $1 and statename = $2 and grainkeytext = $3");
        Array.ForEach<object>([ServiceId, pattern, TextOf(pattern, key)], value => select.Parameters.Add(new() { Value = value }));
        return (int)(await select.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private string TextOf(string pattern, string key) =>
        pattern == PatternNames.Idempotency ? Grains.GetIdempotencyGrain(key).GetPrimaryKeyString() : $"{pattern}/{key}";

    /// <summary>Both are open at the same time, or the second could get the first one's port.</summary>
    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
