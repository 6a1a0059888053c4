using Npgsql;
using OrleansPatterns.Postgres.Batching;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>Many reads as one statement.</summary>
/// <remarks>
/// The lateral query with its limit is looked up once a row, by the primary key. A plain join would be a scan of the whole table under a plan
/// made while it was small.
/// </remarks>
internal sealed class StateReadStatement(string serviceId) : IBatchStatement<StateRead>
{
    internal const string Select =
        """
        select item.ordinal, found.version, found.payloadbinary
        from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[]) with ordinality as item (statename, n0, n1, keytext, ordinal)
        cross join lateral (
            select version, payloadbinary
            from orleans_storage
            where serviceid = $1
              and statename = item.statename
              and grainkeyn0 = item.n0
              and grainkeyn1 = item.n1
              and grainkeytext = item.keytext
            limit 1
        ) as found
        """;

    /// <summary>The same for one row, without the arrays.</summary>
    private const string SelectOne =
        """
        select 1::bigint, version, payloadbinary
        from orleans_storage
        where serviceid = $1 and statename = $2 and grainkeyn0 = $3 and grainkeyn1 = $4 and grainkeytext = $5
        """;

    public async Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<StateRead> items, TimeSpan timeout)
    {
        await using var command = items.Count == 1 ? CommandOf(items[0].State) : CommandOf(items);
        (command.Connection, command.CommandTimeout) = (connection, (int)Math.Ceiling(timeout.TotalSeconds));

        var found = new (int? Version, byte[]? Payload)[items.Count];
        await using (var reader = await command.ExecuteReaderAsync().ConfigureAwait(false))
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                found[reader.GetInt64(0) - 1] = (reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2));
            }
        }

        for (var index = 0; index < found.Length; index++)
        {
            items[index].Found(found[index].Version, found[index].Payload);
        }
    }

    private NpgsqlCommand CommandOf(StateKey key) => new(SelectOne)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string> { TypedValue = key.StateName },
            new NpgsqlParameter<long> { TypedValue = key.N0 },
            new NpgsqlParameter<long> { TypedValue = key.N1 },
            new NpgsqlParameter<string> { TypedValue = key.Text },
        },
    };

    private NpgsqlCommand CommandOf(IReadOnlyList<StateRead> items) => new(Select)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = serviceId },
            new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(item => item.State.StateName)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. items.Select(item => item.State.N0)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. items.Select(item => item.State.N1)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(item => item.State.Text)] },
        },
    };
}
