using Npgsql;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Which scripts a database says it has seen, compared with those of this assembly.</summary>
internal sealed record DatabaseSchema(IReadOnlySet<int> Applied)
{
    /// <summary>The highest version recorded; <see langword="null"/>: none, so there is no schema of ours.</summary>
    internal int? Version => Applied.Count == 0 ? null : Applied.Max();

    internal bool IsNewer => Version > SchemaScript.LatestVersion;

    internal IReadOnlyList<SchemaScript> Missing => [.. SchemaScript.All.Where(script => !Applied.Contains(script.Version))];

    internal static async Task<DatabaseSchema> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Asked first, as a failing query would end the transaction in which this may run. Not by to_regclass: within one transaction that goes
        // on answering "no such table" from its cache after another session has created it.
        await using var exists = new NpgsqlCommand(
            "select exists (select from pg_class where relname = 'orleanspatterns_schema' and pg_table_is_visible(oid))", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return new DatabaseSchema(new HashSet<int>());
        }

        var applied = new HashSet<int>();
        await using var versions = new NpgsqlCommand("select version from orleanspatterns_schema", connection);
        await using var reader = await versions.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0));
        }

        return new DatabaseSchema(applied);
    }
}
