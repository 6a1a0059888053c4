using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OrleansPatterns.ChaosTests.Idempotency;
using OrleansPatterns.ChaosTests.Nemesis;
using OrleansPatterns.ChaosTests.Recovery;
using OrleansPatterns.PostgresTests.Sagas;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A database server, silos and workers of one run, and a client of our own that looks afterwards.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const int SiloCount = 3;
    internal const int WorkerCount = 3;

    /// <summary>The wall clocks of the processes are that far off, each in its own way.</summary>
    private static readonly TimeSpan[] ClockOffsets = [TimeSpan.Zero, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(-3), TimeSpan.FromMilliseconds(700)];

    private readonly LocalDatabase _database;
    private readonly string _runFolder;

    private ChaosCluster(LocalPostgres postgres, LocalDatabase database, string runFolder, int seed, int workers, TimeProvider time)
    {
        (Postgres, _database, _runFolder, Time) = (postgres, database, runFolder, time);
        Silos = [.. Enumerable.Range(0, SiloCount).Select(NewSilo)];
        Workers = [.. Enumerable.Range(0, workers).Select(index => new WorkerSlot(index, seed, Direct, runFolder, ClockOffsets[^(index + 1)], time))];
        Database = NpgsqlDataSource.Create(Direct);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(time);
        ChaosWorker.Configure(builder, Direct);
        Client = builder.Build();
    }

    internal LocalPostgres Postgres { get; }

    internal IReadOnlyList<SiloSlot> Silos { get; }

    internal IReadOnlyList<WorkerSlot> Workers { get; }

    internal IHost Client { get; }

    internal NpgsqlDataSource Database { get; }

    internal TimeProvider Time { get; }

    private string Direct => new NpgsqlConnectionStringBuilder(_database.ConnectionString) { MaxPoolSize = 15 }.ConnectionString;

    /// <summary>All processes are of the build <paramref name="program"/> at first.</summary>
    internal static async Task<ChaosCluster> StartAsync(
        int seed, string runFolder, TimeProvider time, int workers, string program, CancellationToken cancellationToken)
    {
        // A private one, whatever the environment names: it is going to be killed.
        var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "", MaxConnections = 500 }, cancellationToken);
        var cluster = new ChaosCluster(postgres, await postgres.CreateDatabaseAsync(cancellationToken), runFolder, seed, workers, time);
        await using (var command = cluster.Database.CreateCommand($"{Effects.Schema} {IdempotencyWorkload.Schema}; {MarchSaga.Schema}"))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var silo in cluster.Silos)
        {
            silo.Program = program;
            silo.Slot.Start();
        }

        foreach (var worker in cluster.Workers)
        {
            worker.Program = program;
            worker.Slot.Start();
        }

        return cluster;
    }

    /// <summary>Waits until a silo is up that our own client, which is of this build, can work with.</summary>
    internal Task ConnectAsync(CancellationToken cancellationToken = default) => Client.StartAsync(cancellationToken);

    internal SiloSlot NewSilo(int index) => new(index, Direct, _runFolder, ClockOffsets[index % ClockOffsets.Length], SiloAt, Time);

    /// <summary>Keeps what is sent to a silo, by it or both from getting through, between it and all others.</summary>
    internal void CutFromSilos(SiloSlot silo, Cut cut)
    {
        foreach (var other in Silos.Where(other => other != silo))
        {
            silo.FromSilos.From(other.Index).Cut = cut;
            other.FromSilos.From(silo.Index).Cut = cut switch
            {
                Cut.ToTarget => Cut.FromTarget,
                Cut.FromTarget => Cut.ToTarget,
                _ => cut,
            };
        }
    }

    /// <summary>Which silo a local port belongs to; -1: none of those that are always there.</summary>
    private int SiloAt(int localPort) => Silos.FirstOrDefault(silo => silo.Slot.Has(localPort))?.Index ?? -1;

    internal async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
        {
            await worker.DisposeAsync();
        }

        await Client.StopAsync();
        Client.Dispose();
        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }

        await Database.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
