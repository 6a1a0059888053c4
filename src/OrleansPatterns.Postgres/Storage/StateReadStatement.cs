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

    public async Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<StateRead> items, TimeSpan timeout)
    {
        await using var command = new NpgsqlCommand(Select, connection) { CommandTimeout = (int)Math.Ceiling(timeout.TotalSeconds) };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceId });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(item => item.State.StateName)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. items.Select(item => item.State.N0)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. items.Select(item => item.State.N1)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. items.Select(item => item.State.Text)] });

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
}
