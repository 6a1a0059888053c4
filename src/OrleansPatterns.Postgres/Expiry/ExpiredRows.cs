using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace OrleansPatterns.Postgres.Expiry;

/// <summary>The rows of this service that have expired, removed a batch at a time.</summary>
/// <remarks>
/// <para>
/// Why no key goes whose work is in progress, whatever the silos' clocks say. A row goes only ten minutes after its time <em>and</em> ten minutes
/// after it was last written, both by the server's clock alone. An execution that is at work has written its row within its lease, and no
/// lease is longer than that.
/// </para>
/// <para>
/// Why it disturbs nobody. It never waits for a lock, so it cannot be part of a deadlock: a row that is locked is left to the next round, and one that
/// was changed since is looked at anew. The turn is a lock of the transaction and not of the session, so that it also holds behind a pooler
/// in transaction mode.
/// </para>
/// </remarks>
internal sealed class ExpiredRows(PostgresDatabase database, IOptions<ClusterOptions> cluster, IOptions<PostgresOptions> options)
{
    /// <summary>One silo of a service at a time. The number tells this lock from others on a service id: "OPSWEEP" in ASCII.</summary>
    internal const string TakeTurn = "pg_try_advisory_xact_lock(hashtextextended($1, 22324842036806992))";

    private readonly int _batchSize = options.Value.SweepBatchSize;

    /// <remarks>
    /// now(), unlike clock_timestamp(), can use the index, and a limit that the planner sees makes it do so. A time of an earlier write (see
    /// 005_state_expiry.sql) is removed, and its row stays.
    /// </remarks>
    private readonly string _sweepStates =
        $"""
        with turn as materialized (
            select {TakeTurn} as is_mine
        ),
        due as materialized (
            select ctid as place, expiresversion is not distinct from version as is_expired
            from orleans_storage
            where (select is_mine from turn)
              and serviceid = $1
              and expiresat <= now() - interval '10 minutes'
              and modifiedat <= now() - interval '10 minutes'
            order by expiresat
            limit {options.Value.SweepBatchSize}
            for update skip locked
        ),
        removed as (
            delete from orleans_storage where ctid = any (array(select place from due where is_expired)) returning 1
        ),
        kept as (
            update orleans_storage set expiresat = null where ctid = any (array(select place from due where not is_expired)) returning 1
        )
        select is_mine, (select count(*) from due), (select count(*) from removed)
        from turn
        """;

    /// <remarks>
    /// A completion, or the exclusion of one, goes after its key, which may live on: parked, or with a retention of a year. Then it is looked at
    /// again when the key's own time has come, so that one that has to stay is not in the way of the others.
    /// </remarks>
    private readonly string _sweepCompletions =
        $"""
        with turn as materialized (
            select {TakeTurn} as is_mine
        ),
        due as materialized (
            select ctid as place, (
                select coalesce(expiresat, now() + interval '1 day')
                from orleans_storage
                where serviceid = $1
                  and statename = 'idempotency'
                  and grainkeyn0 = 0
                  and grainkeyn1 = 0
                  and grainkeytext = 'idempotency/' || completion.key
                limit 1
            ) as key_expires_at
            from orleanspatterns_idempotency as completion
            where (select is_mine from turn)
              and service_id = $1
              and expires_at <= now() - interval '10 minutes'
            order by expires_at
            limit {options.Value.SweepBatchSize}
            for update skip locked
        ),
        removed as (
            delete from orleanspatterns_idempotency where ctid = any (array(select place from due where key_expires_at is null)) returning 1
        ),
        kept as (
            update orleanspatterns_idempotency as completion
            set expires_at = greatest(key_expires_at, now())
            from due
            where completion.ctid = place and key_expires_at is not null
            returning 1
        )
        select is_mine, (select count(*) from due), (select count(*) from removed)
        from turn
        """;

    /// <remarks>Its grain has not written it again in time: whatever it showed is over.</remarks>
    private readonly string _sweepCatalog =
        $"""
        with turn as materialized (
            select {TakeTurn} as is_mine
        ),
        due as materialized (
            select ctid as place
            from orleanspatterns_catalog
            where (select is_mine from turn)
              and service_id = $1
              and expires_at <= now()
            order by expires_at
            limit {options.Value.SweepBatchSize}
            for update skip locked
        ),
        removed as (
            delete from orleanspatterns_catalog where ctid = any (array(select place from due)) returning 1
        )
        select is_mine, (select count(*) from due), (select count(*) from removed)
        from turn
        """;

    /// <summary>One transaction, so that all have the same turn; the second statement sees which keys the first has removed.</summary>
    internal async Task<SweptBatch> RemoveBatchAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { CommandOf(_sweepStates), CommandOf(_sweepCompletions), CommandOf(_sweepCatalog) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var states = await ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var completions = await ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var rows = await ReadAsync(reader, cancellationToken);

        // To the end: only then has the server committed.
        await reader.NextResultAsync(cancellationToken);
        return new SweptBatch(
            states.HadTurn, states.IsFull || completions.IsFull || rows.IsFull, states.Removed + completions.Removed + rows.Removed);
    }

    private NpgsqlBatchCommand CommandOf(string sql) =>
        new(sql) { Parameters = { new NpgsqlParameter<string> { TypedValue = cluster.Value.ServiceId } } };

    private async Task<SweptBatch> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return new SweptBatch(reader.GetBoolean(0), IsFull: reader.GetInt64(1) == _batchSize, Removed: (int)reader.GetInt64(2));
    }
}
