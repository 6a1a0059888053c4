using Npgsql;

namespace OrleansPatterns.Benchmarks.Idempotency;

/// <summary>The table that teams write by hand: insert on conflict, work, update. Who comes second looks again every ten milliseconds.</summary>
internal sealed class TableByHand(NpgsqlDataSource database, TimeProvider time) : IAsyncDisposable
{
    private const string Table =
        """
        create table idempotency (
            key text primary key, fingerprint text not null, status text not null, result bytea, locked_until timestamptz not null)
        """;

    private const string Begin =
        """
        insert into idempotency (key, fingerprint, status, locked_until) values ($1, $2, 'running', now() + interval '30 s')
        on conflict (key) do nothing
        """;

    private const string Complete = "update idempotency set status = 'completed', result = $2 where key = $1 and status = 'running'";
    private const string Find = "select fingerprint, status, result from idempotency where key = $1";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    internal static async Task<TableByHand> CreateAsync(string connectionString, TimeProvider time)
    {
        var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20, MaxPoolSize = 20 }.ConnectionString);
        await using var create = database.CreateCommand(Table);
        await create.ExecuteNonQueryAsync();
        return new TableByHand(database, time);
    }

    internal async Task ExecuteAsync(string key, Func<Task> work)
    {
        await using var begin = CommandOf(Begin, key);
        begin.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "fingerprint" });
        if (await begin.ExecuteNonQueryAsync() == 1)
        {
            await work();
            await using var complete = CommandOf(Complete, key);
            complete.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = "\"receipt\""u8.ToArray() });
            await complete.ExecuteNonQueryAsync();
            return;
        }

        while (!await IsCompletedAsync(key))
        {
            await Task.Delay(PollInterval, time);
        }
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task<bool> IsCompletedAsync(string key)
    {
        await using var find = CommandOf(Find, key);
        await using var reader = await find.ExecuteReaderAsync();
        return await reader.ReadAsync() && reader.GetString(0) == "fingerprint" && reader.GetString(1) == "completed";
    }

    private NpgsqlCommand CommandOf(string sql, string key)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return command;
    }
}
