using Npgsql;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Expiry;

/// <summary>Holds up whoever deletes the row of a key, in the midst of its transaction, until it is opened.</summary>
internal sealed class DeleteGate : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private DeleteGate(NpgsqlConnection connection) => _connection = connection;

    internal static async Task<DeleteGate> CloseAsync(NpgsqlDataSource dataSource, string key)
    {
        await dataSource.ExecuteAsync(
            $"""
            create or replace function wait_at_gate() returns trigger language plpgsql as
            'begin perform pg_advisory_xact_lock_shared(4711); return old; end';
            create or replace trigger gate before delete on orleans_storage for each row when (old.grainkeytext = '{key}')
            execute function wait_at_gate()
            """);
        var connection = await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var close = new NpgsqlCommand("select pg_advisory_lock(4711)", connection);
        await close.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new DeleteGate(connection);
    }

    internal async Task OpenAsync()
    {
        await using var open = new NpgsqlCommand("select pg_advisory_unlock(4711)", _connection);
        await open.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
