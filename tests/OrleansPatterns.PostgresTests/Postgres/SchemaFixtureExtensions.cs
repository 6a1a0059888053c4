using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

internal static class SchemaFixtureExtensions
{
    /// <summary>What a silo or client does with the database as it starts.</summary>
    internal static async Task PassGateAsync(
        this EmptyDatabase database, bool mayMigrate, string? connectionString = null, ILogger<SchemaMigrator>? logger = null)
    {
        var options = Options.Create(new PostgresOptions());
        await using var postgres = PostgresDatabase.Create(connectionString ?? database.ConnectionString, options.Value);
        var connector = new PostgresConnector(postgres, options, RealTime.Provider, NullLogger<PostgresConnector>.Instance);
        var migrator = new SchemaMigrator(postgres, logger ?? NullLogger<SchemaMigrator>.Instance);
        await new SchemaGate(connector, migrator, postgres, options).PassAsync(mayMigrate, TestContext.Current.CancellationToken);
    }
}
