using Npgsql;
using NpgsqlTypes;
using OrleansPatterns.Postgres.Batching;

namespace OrleansPatterns.Postgres.Catalog;

/// <summary>Many upserts as one statement over arrays, and the removals behind it, in one transaction.</summary>
internal sealed class CatalogWriteStatement(string serviceId) : IBatchStatement<CatalogWrite>
{
    private const string Upsert =
        """
        insert into orleanspatterns_catalog as stored
            (service_id, pattern, key, status, summary, wake_at, expires_at, version, updated_at)
        select $1, pattern, key, status, summary, clock_timestamp() + wake_in, clock_timestamp() + expires_in, version, clock_timestamp()
        from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::interval[], $7::interval[], $8::bigint[])
            as item (pattern, key, status, summary, wake_in, expires_in, version)
        on conflict (service_id, pattern, key) do update
        set status = excluded.status, summary = excluded.summary, wake_at = excluded.wake_at, expires_at = excluded.expires_at,
            version = excluded.version,
            updated_at = case
                when excluded.expires_at is not null and stored.status = excluded.status and stored.summary = excluded.summary then stored.updated_at
                else excluded.updated_at
            end
        where stored.version <= excluded.version
        """;

    private const string Remove =
        "delete from orleanspatterns_catalog where service_id = $1 and pattern = $2 and key = $3 and version <= $4";

    public async Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<CatalogWrite> items, TimeSpan timeout)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)Math.Ceiling(timeout.TotalSeconds) };
        CatalogWrite[] rows = [.. items
            .Where(item => item.Entry is not null)
            .OrderBy(item => item.Pattern, StringComparer.Ordinal)
            .ThenBy(item => item.RowKey, StringComparer.Ordinal)];
        if (rows.Length > 0)
        {
            batch.BatchCommands.Add(UpsertOf(rows));
        }

        foreach (var removal in items.Where(item => item.Entry is null))
        {
            batch.BatchCommands.Add(RemoveOf(removal));
        }

        await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        foreach (var item in items)
        {
            item.Succeed();
        }
    }

    private NpgsqlBatchCommand UpsertOf(CatalogWrite[] rows) => new(Upsert)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, row => row.Pattern) },
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, row => row.RowKey) },
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, row => row.Entry!.Status) },
            new NpgsqlParameter<string[]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
                TypedValue = Array.ConvertAll(rows, row => row.Entry!.SummaryJson),
            },
            new NpgsqlParameter<TimeSpan?[]> { TypedValue = Array.ConvertAll(rows, row => row.Entry!.WakeIn) },
            new NpgsqlParameter<TimeSpan?[]> { TypedValue = Array.ConvertAll(rows, row => row.Entry!.ExpiresIn) },
            new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(rows, row => row.Version) },
        },
    };

    private NpgsqlBatchCommand RemoveOf(CatalogWrite removal) => new(Remove)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string> { TypedValue = removal.Pattern },
            new NpgsqlParameter<string> { TypedValue = removal.RowKey },
            new NpgsqlParameter<long> { TypedValue = removal.Version },
        },
    };
}
