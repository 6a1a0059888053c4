using Npgsql;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Which scripts a database says it has seen, compared with those of this assembly.</summary>
/// <param name="Applied">The version of each script, and the lowest version that a build must know to work with the database after it.</param>
internal sealed record DatabaseSchema(IReadOnlyDictionary<int, int> Applied)
{
    /// <summary>The highest version recorded; <see langword="null"/>: none, so there is no schema of ours.</summary>
    internal int? Version => Applied.Count == 0 ? null : Applied.Keys.Max();

    /// <summary>Whether a script that this build has never heard of has made a schema that it cannot work with.</summary>
    internal bool IsTooNew => Applied.Values.Any(compatibleFrom => compatibleFrom > SchemaScript.LatestVersion);

    internal IReadOnlyList<SchemaScript> Missing => [.. SchemaScript.All.Where(script => !Applied.ContainsKey(script.Version))];

    internal static async Task<DatabaseSchema> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Asked first, as a failing query would end the transaction in which this may run. Not by to_regclass: within one transaction that goes
        // on answering "no such table" from its cache after another session has created it.
        await using var exists = new NpgsqlCommand(
            "select exists (select from pg_class where relname = 'orleanspatterns_schema' and pg_table_is_visible(oid))", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return new DatabaseSchema(new Dictionary<int, int>());
        }

        // By way of jsonb, since before script 8 the column is not there.
        var applied = new Dictionary<int, int>();
        await using var versions = new NpgsqlCommand(
            "select version, coalesce((to_jsonb(seen) ->> 'compatible_from')::integer, version) from orleanspatterns_schema seen", connection);
        await using var reader = await versions.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0), reader.GetInt32(1));
        }

        return new DatabaseSchema(applied);
    }
}
