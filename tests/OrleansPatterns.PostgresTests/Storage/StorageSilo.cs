using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansPatterns.Postgres;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>A silo with every grain storage under test on the same database, as a class fixture. The tests use the storages directly.</summary>
public sealed class StorageSilo(PostgresServer server) : IAsyncLifetime
{
    public const string Memory = "memory";
    public const string AdoNet = "ado-net";
    public const string GroupCommit = "group-commit";

    /// <summary>Behind a name: the same storage with DeleteStateOnClear.</summary>
    public const string Deleting = " that deletes";

    private EmptyDatabase? _database;
    private IHost? _silo;

    public NpgsqlDataSource DataSource => _database!.DataSource;

    public string ConnectionString => _database!.ConnectionString;

    public IGrainStorage Storage(string name) => _silo!.Services.GetRequiredKeyedService<IGrainStorage>(name);

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyDatabase.CreateAsync(server);
        _silo = SiloHost.Silo(silo =>
        {
            silo.UsePostgres(_database.ConnectionString).AddOrleansPatterns();
            silo.AddMemoryGrainStorage(Memory);
            AddStorages(silo, "", deletes: false);
            AddStorages(silo, Deleting, deletes: true);
        });
        await _silo.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.StopAsync();
            _silo.Dispose();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private static void AddStorages(ISiloBuilder silo, string suffix, bool deletes)
    {
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(
            GroupCommit + suffix, (services, _) => new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()));
        silo.AddGroupCommitGrainStorage(GroupCommit + suffix, options => options.DeleteStateOnClear = deletes);
        silo.AddAdoNetGrainStorage(AdoNet + suffix, (OptionsBuilder<AdoNetGrainStorageOptions> options) =>
            options.Configure<PostgresDatabase, Serializer>((storage, postgres, serializer) =>
            {
                storage.Invariant = "Npgsql";
                storage.DataSource = postgres.DataSource;
                storage.DeleteStateOnClear = deletes;
                storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
            }));
    }
}
