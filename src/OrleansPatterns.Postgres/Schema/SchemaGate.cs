using Microsoft.Extensions.Options;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>Lets a silo or client start only on a database that can be reached and has a schema that this build can work with.</summary>
internal sealed class SchemaGate(
    PostgresConnector connector, SchemaMigrator migrator, PostgresDatabase database, IOptions<PostgresOptions> options)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>The very first stage: membership reads its queries at <see cref="ServiceLifecycleStage.RuntimeGrainServices"/>.</summary>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(SchemaGate),
            ServiceLifecycleStage.First,
            cancellationToken => PassAsync(options.Value.MigrateSchema, cancellationToken));

    /// <exception cref="PostgresUnavailableException">No connection.</exception>
    /// <exception cref="SchemaVersionException">The schema is too new, or is older and may not be migrated.</exception>
    /// <exception cref="SchemaMigrationException">A script failed.</exception>
    internal async Task PassAsync(bool mayMigrate, CancellationToken cancellationToken)
    {
        await using var connection = await connector.OpenAsync(cancellationToken);
        var schema = await DatabaseSchema.ReadAsync(connection, cancellationToken);
        if (mayMigrate && !schema.IsTooNew && schema.Missing.Count > 0)
        {
            schema = await migrator.MigrateAsync(connection, cancellationToken);
        }

        if (schema.IsTooNew || schema.Missing.Count > 0)
        {
            throw new SchemaVersionException(
                database.Name, schema.Version, SchemaScript.LatestVersion, [.. schema.Missing.Select(script => script.Name)]);
        }
    }
}
