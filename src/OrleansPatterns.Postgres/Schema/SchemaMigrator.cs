using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Runs the scripts that a database has not seen, one process at a time.</summary>
internal sealed partial class SchemaMigrator(PostgresDatabase database, ILogger<SchemaMigrator> logger)
{
    /// <summary>Any number does, so long as nobody else in the database uses it: "OPSCHEMA" in ASCII.</summary>
    internal const long LockKey = 0x4F50_5343_4845_4D41;

    /// <returns>The schema as it is afterwards.</returns>
    /// <exception cref="SchemaMigrationException">A script failed.</exception>
    internal async Task<DatabaseSchema> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The lock is of this transaction, which does nothing else: it ends with the connection, however the process ends.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var takeLock = new NpgsqlCommand($"select pg_advisory_xact_lock({LockKey})", connection, transaction) { CommandTimeout = 0 };
        await takeLock.ExecuteNonQueryAsync(cancellationToken);

        var schema = await ReadAsync(cancellationToken);
        if (schema.IsTooNew || schema.Missing.Count == 0)
        {
            // Another silo did it while this one waited.
            return schema;
        }

        var result = await Task.Run(() => Run(schema), CancellationToken.None);
        if (!result.Successful)
        {
            throw new SchemaMigrationException(database.Name, result.ErrorScript?.Name, result.Error);
        }

        LogMigrated(database.Name, schema.Version, SchemaScript.LatestVersion);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Not in the lock's transaction: having read the table, that would keep a script from altering it until both gave up.</summary>
    private async Task<DatabaseSchema> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        return await DatabaseSchema.ReadAsync(connection, cancellationToken);
    }

    private DatabaseUpgradeResult Run(DatabaseSchema schema) =>
        DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(database.DataSource))
            .WithScripts(SchemaScript.All.Select(script => new SqlScript(script.Name, script.Text)))
            .JournalTo(new SchemaJournal(schema))
            .WithTransactionPerScript()
            .WithExecutionTimeout(TimeSpan.Zero)
            // The scripts quote with $query$, which DbUp would take for a variable.
            .WithVariablesDisabled()
            .LogTo(logger)
            .Build()
            .PerformUpgrade();

    [LoggerMessage(7002, LogLevel.Information, "Schema of database {Database} brought from version {OldVersion} to {NewVersion}.")]
    private partial void LogMigrated(string database, int? oldVersion, int newVersion);
}
