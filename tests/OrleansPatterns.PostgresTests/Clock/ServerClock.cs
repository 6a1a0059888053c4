using System.Globalization;
using Npgsql;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>A database whose clock shows what the test says, and that can be closed to everyone.</summary>
internal sealed class ServerClock : IAsyncDisposable
{
    /// <summary>Whoever holds this advisory lock holds up the clock's answers.</summary>
    private const int Gate = 7;

    private readonly EmptyDatabase _database;
    private readonly NpgsqlDataSource _server;
    private readonly NpgsqlDataSource _unpooled;

    private ServerClock(EmptyDatabase database, string serverConnectionString)
    {
        _database = database;
        _server = Unpooled(serverConnectionString);
        _unpooled = Unpooled(database.ConnectionString);
    }

    /// <summary>For who asks: the functions of the schema public go before PostgreSQL's own.</summary>
    internal string ConnectionString =>
        new NpgsqlConnectionStringBuilder(_database.ConnectionString) { SearchPath = "public, pg_catalog" }.ConnectionString;

    internal static async Task<ServerClock> CreateAsync(PostgresServer server) =>
        new(await EmptyDatabase.CreateAsync(server), server.Postgres.ConnectionString);

    internal Task SetAsync(DateTimeOffset now) => _unpooled.ExecuteAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        create or replace function public.clock_timestamp() returns timestamptz volatile language plpgsql as
        $now$ begin perform pg_advisory_xact_lock_shared({Gate}); return timestamptz '{now:O}'; end $now$
        """));

    /// <summary>The database takes no connections and has none.</summary>
    internal async Task CloseAsync()
    {
        await _server.ExecuteAsync($"alter database {_database.Name} allow_connections false");
        await _server.ExecuteAsync($"select pg_terminate_backend(pid, 20000) from pg_stat_activity where datname = '{_database.Name}'");
    }

    internal Task OpenAsync() => _server.ExecuteAsync($"alter database {_database.Name} allow_connections true");

    /// <summary>Holds up every answer until the connection is disposed.</summary>
    internal async Task<NpgsqlConnection> HoldAsync()
    {
        var connection = await _unpooled.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"select pg_advisory_lock({Gate})";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Until somebody has asked whose answer is held up.</summary>
    internal Task WaitForQuestionAsync() => _unpooled.WaitForLockedSessionsAsync(1);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _unpooled.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static NpgsqlDataSource Unpooled(string connectionString) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
}
