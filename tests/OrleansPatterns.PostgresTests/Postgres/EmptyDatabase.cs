using Npgsql;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>A database of one test, without our schema.</summary>
internal sealed class EmptyDatabase : IAsyncDisposable
{
    private readonly LocalDatabase _database;

    private EmptyDatabase(LocalDatabase database)
    {
        _database = database;
        DataSource = NpgsqlDataSource.Create(database.ConnectionString);
    }

    internal string ConnectionString => _database.ConnectionString;

    internal string Name => _database.Name;

    internal NpgsqlDataSource DataSource { get; }

    internal static async Task<EmptyDatabase> CreateAsync(PostgresServer server) =>
        new(await server.Postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await _database.DisposeAsync();
    }
}
