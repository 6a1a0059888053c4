using Npgsql;
using OrleansPatterns.Benchmarks.Harness;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>How much PostgreSQL writes to its log for each call. Whole pages after a checkpoint are in it, as they are in production.</summary>
internal sealed class WrittenLog(BenchmarkEnvironment environment)
{
    internal async Task<double> OfAsync(int callers, TimeSpan duration, Func<long, Task> call)
    {
        await using var server = NpgsqlDataSource.Create(await environment.DatabaseAsync());
        var before = await PositionAsync(server);
        var calls = 0L;
        await Load.ThroughputAsync(callers, duration, async (_, number) =>
        {
            await call(number);
            Interlocked.Increment(ref calls);
        });
        return (double)((await PositionAsync(server) - before) / calls);
    }

    private static async Task<decimal> PositionAsync(NpgsqlDataSource server)
    {
        await using var command = server.CreateCommand("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')");
        return (decimal)(await command.ExecuteScalarAsync())!;
    }
}
