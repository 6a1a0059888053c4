using Npgsql;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>Somebody's transaction that holds a state's row: whatever writes it waits, and rows that come meanwhile are collected.</summary>
internal sealed class RowLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private RowLock(NpgsqlConnection connection) => _connection = connection;

    internal static Task<RowLock> TakeAsync(NpgsqlDataSource dataSource, string key) =>
        BeginAsync(dataSource, $"select from orleans_storage where grainkeytext = '{key}' for update");

    /// <summary>Every row at once, as a schema change holds them.</summary>
    internal static Task<RowLock> TakeTableAsync(NpgsqlDataSource dataSource) => BeginAsync(dataSource, "lock table orleans_storage in exclusive mode");

    internal async Task ReleaseAsync()
    {
        await using var command = new NpgsqlCommand("commit", _connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<RowLock> BeginAsync(NpgsqlDataSource dataSource, string sql)
    {
        var connection = await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new RowLock(connection);
    }
}
