using Npgsql;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>A database with our schema, as a class fixture.</summary>
public sealed class MigratedDatabase(PostgresServer server) : IAsyncLifetime
{
    private EmptyDatabase? _database;

    public NpgsqlDataSource DataSource => Database.DataSource;

    public string ConnectionString => Database.ConnectionString;

    private EmptyDatabase Database => _database ?? throw new InvalidOperationException("The database is not created yet.");

    public async ValueTask InitializeAsync()
    {
        _database = await EmptyDatabase.CreateAsync(server);
        foreach (var script in SchemaScript.All)
        {
            await DataSource.ExecuteAsync(script.Text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
