using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Benchmarks.Idempotency;

/// <summary>A first execution and a replay, beside the table that teams write by hand: insert on conflict, work, update.</summary>
internal sealed class IdempotencyArea : IBenchmarkArea
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

    public string Name => "idempotency";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = (await environment.ClientAsync()).GetRequiredService<IIdempotencyStore>();
        var coHosted = (await environment.CoHostedAsync()).GetRequiredService<IIdempotencyStore>();
        var table = environment.Own(NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(await environment.DatabaseAsync()) { MaxAutoPrepare = 20, MaxPoolSize = 20 }.ConnectionString));
        await using (var create = table.CreateCommand(Table))
        {
            await create.ExecuteNonQueryAsync();
        }

        List<BenchmarkCase> cases = [];
        foreach (var callers in new[] { 1, 64 })
        {
            cases.Add(Case($"first execution, {callers} callers", callers, (_, number) => $"first/{number}"));
            cases.Add(Case($"replay, {callers} callers", callers, (caller, _) => $"replay/{callers}/{caller}"));
        }

        return cases;

        BenchmarkCase Case(string name, int callers, Func<int, long, string> key) => new(
            name, "calls/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, client", duration => Load.ThroughputAsync(callers, duration, (caller, number) => ExecuteAsync(client, key(caller, number)))),
                new("OrleansPatterns, co-hosted", duration => Load.ThroughputAsync(callers, duration, (caller, number) => ExecuteAsync(coHosted, key(caller, number)))),
                new("SQL by hand", duration => Load.ThroughputAsync(callers, duration, (caller, number) => ByHandAsync(table, key(caller, number)))),
            ]);
    }

    private static Task<string> ExecuteAsync(IIdempotencyStore store, string key) =>
        store.ExecuteAsync(key, "fingerprint", static _ => Task.FromResult("receipt"));

    private static async Task ByHandAsync(NpgsqlDataSource table, string key)
    {
        await using var begin = CommandOf(table, Begin, key);
        begin.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "fingerprint" });
        if (await begin.ExecuteNonQueryAsync() == 1)
        {
            await using var complete = CommandOf(table, Complete, key);
            complete.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = "\"receipt\""u8.ToArray() });
            await complete.ExecuteNonQueryAsync();
            return;
        }

        await using var find = CommandOf(table, Find, key);
        await using var reader = await find.ExecuteReaderAsync();
        if (!await reader.ReadAsync() || reader.GetString(1) != "completed")
        {
            throw new InvalidOperationException($"'{key}' has no result.");
        }
    }

    private static NpgsqlCommand CommandOf(NpgsqlDataSource table, string sql, string key)
    {
        var command = table.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return command;
    }
}
