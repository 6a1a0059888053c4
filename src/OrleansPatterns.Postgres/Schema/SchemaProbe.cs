using Npgsql;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Asks PostgreSQL for its schema, by the pool that all else uses: one without a free connection is no answer either.</summary>
internal sealed class SchemaProbe(PostgresDatabase database) : IDatabaseProbe
{
    public async Task<DatabaseFinding> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
            return Judge(await DatabaseSchema.ReadAsync(connection, cancellationToken));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return new(
                DatabaseFit.IsAway,
                fault is PostgresException refusal ? $"PostgreSQL refuses, with SQLSTATE {refusal.SqlState}." : "PostgreSQL cannot be reached.",
                fault);
        }
    }

    private static DatabaseFinding Judge(DatabaseSchema schema) => schema switch
    {
        { Version: null } => new(
            DatabaseFit.Lacks,
            $"The database has no schema of OrleansPatterns, or the connection's search_path does not lead to it; this build needs version {SchemaScript.LatestVersion}."),
        { Missing: [_, ..] missing } => new(
            DatabaseFit.Lacks, $"The database lacks what this build needs; not yet run: {string.Join(", ", missing.Select(static script => script.Name))}."),
        { IsTooNew: true } => new(
            DatabaseFit.IsNewer,
            $"The database has schema version {schema.Version}, and this build knows {SchemaScript.LatestVersion} only: it goes on, but would not start again."),
        _ => new(DatabaseFit.Fits, $"The database answers, and has schema version {schema.Version}."),
    };
}
