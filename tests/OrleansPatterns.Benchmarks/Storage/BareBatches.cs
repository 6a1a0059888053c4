using Npgsql;
using OrleansPatterns.Benchmarks.Harness;

namespace OrleansPatterns.Benchmarks.Storage;

/// <summary>
/// The floor: one prepared statement over arrays on the same table, from connections that do nothing else, with keys and payloads made
/// beforehand; each row is inserted, or checked against its version and updated.
/// </summary>
internal sealed class BareBatches : IAsyncDisposable
{
    private const string Statement =
        """
        insert into orleans_storage as stored (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary)
        select 'bare', 'bare', 0, 0, keytext, version, payload
        from unnest($1::text[], $2::integer[], $3::bytea[]) as item (keytext, version, payload)
        on conflict (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext) do update
        set payloadbinary = excluded.payloadbinary, version = excluded.version, modifiedat = clock_timestamp()
        where stored.version = excluded.version - 1
        returning version
        """;

    private readonly NpgsqlDataSource _dataSource;
    private long _batch;

    internal BareBatches(string connectionString) => _dataSource = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 10, NoResetOnClose = true }.ConnectionString);

    internal Func<TimeSpan, Task<double>> FreshAsync(int connections, int rows) => duration =>
        RunAsync(connections, rows, duration, _ => (Keys(rows), 1));

    internal Func<TimeSpan, Task<double>> ExistingAsync(int connections, int rows)
    {
        var keys = new string[connections][];
        var versions = new int[connections];
        return duration => RunAsync(connections, rows, duration, connection => (keys[connection] ??= Keys(rows), ++versions[connection]));
    }

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    private string[] Keys(int rows)
    {
        var batch = Interlocked.Increment(ref _batch);
        return [.. Enumerable.Range(0, rows).Select(row => $"bare/{batch}/{row}")];
    }

    private async Task<double> RunAsync(int connections, int rows, TimeSpan duration, Func<int, (string[] Keys, int Version)> next)
    {
        var payloads = Enumerable.Repeat(new byte[200], rows).ToArray();
        return rows * await Load.ThroughputAsync(connections, duration, async (connection, _) =>
        {
            var (keys, version) = next(connection);
            await using var command = _dataSource.CreateCommand(Statement);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = keys });
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. Enumerable.Repeat(version, rows)] });
            command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = payloads });
            await using var reader = await command.ExecuteReaderAsync();
            var written = 0;
            while (await reader.ReadAsync())
            {
                written++;
            }

            if (written != rows)
            {
                throw new InvalidOperationException($"{written} of {rows} rows were written.");
            }
        });
    }
}
