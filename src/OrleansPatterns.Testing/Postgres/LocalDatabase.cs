using Npgsql;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A database of its own on a <see cref="LocalPostgres"/>, dropped on dispose even while others are connected to it.</summary>
public sealed class LocalDatabase : IAsyncDisposable
{
    private readonly string _serverConnectionString;

    private LocalDatabase(string serverConnectionString, string name)
    {
        _serverConnectionString = serverConnectionString;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(serverConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>The database's name.</summary>
    public string Name { get; }

    /// <summary>Connects to this database.</summary>
    public string ConnectionString { get; }

    internal static async Task<LocalDatabase> CreateAsync(string serverConnectionString, CancellationToken cancellationToken)
    {
        var database = new LocalDatabase(serverConnectionString, $"orleanspatterns_{Guid.NewGuid():N}");
        await database.ExecuteOnServerAsync($"create database {database.Name}", cancellationToken);
        return database;
    }

    /// <summary>Drops the database and ends whatever sessions it still has.</summary>
    public async ValueTask DisposeAsync() =>
        await ExecuteOnServerAsync($"drop database if exists {Name} with (force)", CancellationToken.None);

    private async Task ExecuteOnServerAsync(string sql, CancellationToken cancellationToken)
    {
        await using var dataSource = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_serverConnectionString) { Pooling = false });
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
