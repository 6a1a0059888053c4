using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Storage;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>A silo on PostgreSQL whose grain storage the tests use directly, as a class fixture.</summary>
public sealed class StorageSilo(PostgresServer server) : IAsyncLifetime
{
    private EmptyDatabase? _database;
    private IHost? _silo;

    public NpgsqlDataSource DataSource => _database!.DataSource;

    public IGrainStorage Storage => _silo!.Services.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyDatabase.CreateAsync(server);
        _silo = SiloHost.Silo(silo => silo.UsePostgres(_database.ConnectionString).AddOrleansPatterns());
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
}
