using Npgsql;

namespace OrleansPatterns.PostgresTests.Postgres;

internal static class SqlExtensions
{
    internal static async Task ExecuteAsync(this NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    internal static async Task<T> ScalarAsync<T>(this NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>One call that the server answers only when so many sessions of this database wait for locks; it gives up with an error.</summary>
    internal static Task WaitForLockedSessionsAsync(this NpgsqlDataSource dataSource, int count) => dataSource.ExecuteAsync(
        $$"""
        do $wait$
        declare
            give_up_at timestamptz := clock_timestamp() + interval '20 s';
            waiting bigint;
        begin
            loop
                perform pg_stat_clear_snapshot();
                select count(distinct pid) into waiting
                from pg_locks
                where not granted and pid in (select pid from pg_stat_activity where datname = current_database());
                exit when waiting >= {{count}};
                if clock_timestamp() > give_up_at then
                    raise 'only % of {{count}} sessions wait for a lock', waiting;
                end if;
                perform pg_sleep(0.01);
            end loop;
        end
        $wait$
        """);

    /// <summary>The values of all rows, as text.</summary>
    internal static async Task<IReadOnlyList<string>> RowsAsync(this NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return await command.RowsAsync();
    }

    /// <inheritdoc cref="RowsAsync(NpgsqlDataSource, string)"/>
    internal static async Task<IReadOnlyList<string>> RowsAsync(this NpgsqlCommand command)
    {
        var rows = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(string.Join(" | ", values));
        }

        return rows;
    }
}
