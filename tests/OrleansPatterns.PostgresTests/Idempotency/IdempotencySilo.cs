using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.TestingHost;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>
/// A silo whose clock the tests put forward, with a database of its own and a table for effects, as a class fixture. It does not sweep by itself.
/// </summary>
public sealed class IdempotencySilo(PostgresServer server) : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private EmptyDatabase? _database;
    private IHost? _silo;

    internal ShiftedTime Time => _time;

    public NpgsqlDataSource DataSource => _database!.DataSource;

    public string ConnectionString => _database!.ConnectionString;

    public IIdempotencyStore Store => _silo!.Service<IIdempotencyStore>();

    public IGrainFactory Grains => _silo!.Service<IGrainFactory>();

    public T Service<T>()
        where T : notnull => _silo!.Service<T>();

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyDatabase.CreateAsync(server);
        _silo = SiloHost.Silo(silo =>
        {
            silo.UsePostgres(
                _database.ConnectionString,
                options => (options.GrainStorage, options.SweepInterval) = (GrainStateStorage.GroupCommit, TimeSpan.FromDays(1))).AddOrleansPatterns();
            silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time));
            silo.Services.UseTimeProviderForBackgroundAreas(RealTime.Provider);
        });
        await _silo.StartAsync(TestContext.Current.CancellationToken);
        await DataSource.ExecuteAsync("create table work (key text)");
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
