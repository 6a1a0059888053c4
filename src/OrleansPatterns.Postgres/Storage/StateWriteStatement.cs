using Npgsql;
using NpgsqlTypes;
using OrleansPatterns.Postgres.Batching;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>Many writes as one statement over arrays, each row decided alone by its version.</summary>
/// <remarks>
/// <para>An insert with "on conflict", also for rows that exist: it finds each row through the primary key whatever the planner believes about the
/// size of the table (a join can become a scan of the whole table under a plan made while it was small), and it locks in the order of the
/// arrays, which are sorted, so that two silos cannot deadlock.</para>
/// <para>Only columns of the table reach "do update", so the expected version travels in the version column, negated: versions are positive, so
/// the two never meet by accident. If there is no such row, it is inserted with that negative version, which the division turns into an
/// error before anything is committed: <see cref="BatchQueue{TItem}"/> then sends the others without it.</para>
/// <para>A new row begins at a random version and not at 1, so that whoever still holds the version of a row that was deleted since does not
/// find it again by counting.</para>
/// <para>The subquery draws that version once, for both columns that hold it: expiresversion says which write expiresat belongs to.</para>
/// </remarks>
internal sealed class StateWriteStatement(string serviceId) : IBatchStatement<StateWrite>
{
    private const string Decide =
        """
        on conflict (serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext) do update
        set payloadbinary = excluded.payloadbinary,
            version = case when stored.version = 2147483647 then 1 else stored.version + 1 end,
            modifiedat = clock_timestamp(),
            expiresat = excluded.expiresat,
            expiresversion = case when stored.version = 2147483647 then 1 else stored.version + 1 end
        where stored.version = -excluded.version
        returning statename, grainkeyn0, grainkeyn1, grainkeytext, version, 1 / (version > 0)::integer
        """;

    private const string Upsert =
        $"""
        insert into orleans_storage as stored (
            serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary, expiresat, expiresversion)
        select $1, statename, n0, n1, keytext, version, payload, expires, version
        from (
            select statename, n0, n1, keytext, coalesce(-expected, 1 + (random() * 1073741823)::integer) as version, payload, expires
            from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::integer[], $7::bytea[], $8::timestamptz[])
                as item (statename, n0, n1, keytext, expected, payload, expires)
        ) as item
        {Decide}
        """;

    /// <summary>The same for one row, without the arrays: a lone write should cost what a lone statement costs.</summary>
    private const string UpsertOne =
        $"""
        insert into orleans_storage as stored (
            serviceid, statename, grainkeyn0, grainkeyn1, grainkeytext, version, payloadbinary, expiresat, expiresversion)
        select $1, $2, $3, $4, $5, version, $7, $8, version
        from (select coalesce(-$6::integer, 1 + (random() * 1073741823)::integer) as version) as item
        {Decide}
        """;

    private const string Delete =
        """
        delete from orleans_storage
        where serviceid = $1 and statename = $2 and grainkeyn0 = $3 and grainkeyn1 = $4 and grainkeytext = $5 and version = $6
        returning statename, grainkeyn0, grainkeyn1, grainkeytext, version
        """;

    public async Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<StateWrite> items, TimeSpan timeout)
    {
        StateWrite[] rows = [.. items.Where(item => !item.IsDelete)];
        Array.Sort(rows, static (one, other) => one.State.CompareTo(other.State));
        StateWrite[] deletes = [.. items.Where(item => item.IsDelete)];

        await using var batch = new NpgsqlBatch(connection) { Timeout = (int)Math.Ceiling(timeout.TotalSeconds) };
        if (rows.Length > 0)
        {
            batch.BatchCommands.Add(rows.Length == 1 ? UpsertOf(rows[0]) : UpsertOf(rows));
        }

        foreach (var delete in deletes)
        {
            batch.BatchCommands.Add(DeleteOf(delete));
        }

        StateWrite[] sent = [.. rows, .. deletes];
        var versions = new int?[sent.Length];
        await using (var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false))
        {
            await ReadVersionsAsync(reader, sent, versions).ConfigureAwait(false);
        }

        // The reader is closed: the server has committed.
        for (var index = 0; index < sent.Length; index++)
        {
            if (versions[index] is { } version)
            {
                sent[index].Written(version);
            }
            else
            {
                sent[index].Lost();
            }
        }
    }

    /// <summary>Rows come back in the order they were sent, without those that lost.</summary>
    private static async Task ReadVersionsAsync(NpgsqlDataReader reader, StateWrite[] sent, int?[] versions)
    {
        var next = 0;
        do
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                while (!IsOf(reader, sent[next].State))
                {
                    next++;
                }

                versions[next++] = reader.GetInt32(4);
            }
        }
        while (await reader.NextResultAsync().ConfigureAwait(false));
    }

    private static bool IsOf(NpgsqlDataReader reader, StateKey key) =>
        reader.GetInt64(2) == key.N1 && reader.GetInt64(1) == key.N0 && reader.GetString(3) == key.Text && reader.GetString(0) == key.StateName;

    private NpgsqlBatchCommand UpsertOf(StateWrite[] rows) => new(Upsert)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, row => row.State.StateName) },
            new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(rows, row => row.State.N0) },
            new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(rows, row => row.State.N1) },
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(rows, row => row.State.Text) },
            new NpgsqlParameter<int?[]> { TypedValue = Array.ConvertAll(rows, row => row.ExpectedVersion) },
            new NpgsqlParameter<byte[]?[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, TypedValue = Array.ConvertAll(rows, row => row.Payload) },
            new NpgsqlParameter<DateTime?[]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, TypedValue = Array.ConvertAll(rows, row => row.ExpiresAt),
            },
        },
    };

    private NpgsqlBatchCommand UpsertOf(StateWrite row) => new(UpsertOne)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string> { TypedValue = row.State.StateName },
            new NpgsqlParameter<long> { TypedValue = row.State.N0 },
            new NpgsqlParameter<long> { TypedValue = row.State.N1 },
            new NpgsqlParameter<string> { TypedValue = row.State.Text },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)row.ExpectedVersion ?? DBNull.Value },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea, Value = (object?)row.Payload ?? DBNull.Value },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)row.ExpiresAt ?? DBNull.Value },
        },
    };

    private NpgsqlBatchCommand DeleteOf(StateWrite delete) => new(Delete)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string> { TypedValue = delete.State.StateName },
            new NpgsqlParameter<long> { TypedValue = delete.State.N0 },
            new NpgsqlParameter<long> { TypedValue = delete.State.N1 },
            new NpgsqlParameter<string> { TypedValue = delete.State.Text },
            new NpgsqlParameter<int> { TypedValue = delete.ExpectedVersion ?? 0 },
        },
    };
}
