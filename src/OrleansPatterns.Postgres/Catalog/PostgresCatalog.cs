using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Catalog;

/// <summary>The catalog in PostgreSQL. Durations become instants, and instants durations, by the server's clock alone.</summary>
internal sealed partial class PostgresCatalog(
    PostgresDatabase database, IOptions<ClusterOptions> cluster, ConnectionBudget budget, BatchInstruments instruments, TimeProvider time,
    ILogger<PostgresCatalog> logger) : ICatalog, IDisposable
{
    /// <summary>Rows are small, and nobody waits for the catalog but grains that have just waited for their state.</summary>
    private static readonly BatchLimits Limits = new(
        BatchSize: 256,
        BatchBytes: 4 * 1024 * 1024,
        QueueLength: 10_000,
        ConcurrentBatches: 2,
        CommandTimeout: TimeSpan.FromSeconds(5),
        Timeout: TimeSpan.FromSeconds(15));

    private readonly BatchQueue<CatalogWrite> _writes = Open(database.DataSource, cluster.Value.ServiceId, budget, instruments, time, logger);

    internal const string Columns =
        "pattern, key, status, summary::text, wake_at - clock_timestamp(), expires_at - clock_timestamp(), version, updated_at, created_at";

    private const string Find =
        $"select {Columns} from orleanspatterns_catalog where service_id = $1 and pattern = $2 and key = $3";

    /// <summary>"skip locked" lets silos that ask at the same moment share the rows. now(), unlike clock_timestamp(), can use the index.</summary>
    /// <remarks>
    /// The locked rows are updated by their place: a join by key is planned by statistics, which lag behind when many rows have just come, and
    /// then reads thousands of rows for each. A row that was rewritten meanwhile has moved, and is taken at the next poll.
    /// </remarks>
    private const string ClaimDue =
        """
        with due as materialized (
            select ctid
            from orleanspatterns_catalog
            where service_id = $1 and wake_at <= now()
            order by wake_at
            limit $2
            for update skip locked
        )
        update orleanspatterns_catalog
        set wake_at = clock_timestamp() + $3
        where ctid = any (array (select ctid from due))
        returning pattern, key
        """;

    /// <summary>Sagas' rows do not expire, and are many: without that condition they are counted in the index alone.</summary>
    private static string CountOf(string pattern) =>
        $"""
        select status, counted
        from ({CatalogStatuses.Of("service_id = $1 and pattern = $2")}) as known
        cross join lateral (
            select count(*)::int as counted
            from (
                select
                from orleanspatterns_catalog as listed
                where service_id = $1 and pattern = $2 and listed.status = known.status{(pattern == PatternNames.Saga ? "" : " and (expires_at is null or expires_at > now())")}
                limit {ICatalog.CountLimit}
            ) as limited
        ) as counts
        where counted > 0
        """;

    private NpgsqlParameter<string> ServiceId => new() { TypedValue = cluster.Value.ServiceId };

    public async Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken = default) =>
        await RunAsync(new CatalogWrite(entry with { SummaryJson = WithoutNul(entry.SummaryJson) }), cancellationToken);

    public async Task RemoveAsync(string pattern, string key, long version, CancellationToken cancellationToken = default) =>
        await RunAsync(new CatalogWrite(pattern, key, version), cancellationToken);

    public async Task<CatalogEntry?> FindAsync(string pattern, string key, CancellationToken cancellationToken = default)
    {
        await using var command = Command(Find, ServiceId, Text(pattern), Text(key));
        return (await ReadAsync(command, ReadEntry, cancellationToken)).SingleOrDefault();
    }

    public async Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default)
    {
        CatalogQueryCheck.ThrowIfInvalid(query);
        var storable = query with { SummaryContains = WithoutNul(query.SummaryContains) };
        if (query.SummaryContains is not null)
        {
            var latest = await ListAsync(storable, isAmongLatest: true, cancellationToken);
            if (latest.Count == query.MaxCount)
            {
                return latest;
            }
        }

        return await ListAsync(storable, isAmongLatest: false, cancellationToken);
    }

    public async Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default)
    {
        await using var command = Command(CountOf(pattern), ServiceId, Text(pattern));
        var counts = await ReadAsync(command, static reader => (Status: reader.GetString(0), Count: reader.GetInt32(1)), cancellationToken);
        return counts.ToDictionary(static count => count.Status, static count => count.Count, StringComparer.Ordinal);
    }

    public async Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        await using var command = Command(ClaimDue, ServiceId, Number(maxCount), Duration(lease));
        return await ReadAsync(command, reader => new DueWakeUp(reader.GetString(0), reader.GetString(1)), cancellationToken);
    }

    /// <summary>Sends what is still queued, before the data source goes.</summary>
    internal Task DrainAsync(CancellationToken cancellationToken) => _writes.DrainAsync(cancellationToken);

    public void Dispose() => _writes.Dispose();

    private static BatchQueue<CatalogWrite> Open(
        NpgsqlDataSource dataSource, string serviceId, ConnectionBudget budget, BatchInstruments instruments, TimeProvider time, ILogger logger)
    {
        budget.Keep(dataSource, Limits.ConcurrentBatches, "the catalog");
        return new BatchQueue<CatalogWrite>(
            dataSource, BatchKind.CatalogWrite, new CatalogWriteStatement(serviceId), Limits, instruments, time, logger);
    }

    private async Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, bool isAmongLatest, CancellationToken cancellationToken)
    {
        var list = new CatalogListStatement(cluster.Value.ServiceId, query, isAmongLatest);
        await using var command = Command(list.Text, [.. list.Parameters]);
        try
        {
            return await ReadAsync(command, ReadEntry, cancellationToken);
        }
        catch (PostgresException exception) when (list.IsRefusedBy(exception))
        {
            throw CatalogQueryCheck.BadSummaryContains(query, exception);
        }
    }

    private Task<CatalogWrite> RunAsync(CatalogWrite write, CancellationToken cancellationToken) =>
        _writes.RunAsync(() => write, reason => new StateNotWrittenException(write.ToString(), reason, isTransient: true), cancellationToken);

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<int> Number(int value) => new() { TypedValue = value };

    private static NpgsqlParameter Duration(TimeSpan? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Interval, Value = (object?)value ?? DBNull.Value };

    /// <summary>PostgreSQL has no character U+0000, not even in jsonb; a summary that quotes a stray one must not lose its row.</summary>
    [return: NotNullIfNotNull(nameof(json))]
    private static string? WithoutNul(string? json) => json is null ? null : EscapedNul().Replace(json, @"$1\ufffd");

    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000")]
    private static partial Regex EscapedNul();

    private static CatalogEntry ReadEntry(NpgsqlDataReader reader) => new()
    {
        Pattern = reader.GetString(0),
        Key = reader.GetString(1),
        Status = reader.GetString(2),
        SummaryJson = reader.GetString(3),
        WakeIn = reader.IsDBNull(4) ? null : reader.GetTimeSpan(4),
        ExpiresIn = reader.IsDBNull(5) ? null : reader.GetTimeSpan(5),
        Version = reader.GetInt64(6),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(7),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(8),
    };

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = database.DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
