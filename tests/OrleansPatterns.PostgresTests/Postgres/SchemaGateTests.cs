using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

public sealed class SchemaGateTests(PostgresServer server)
{
    [Fact]
    public async Task Pass_TenSilosAtOnceOnAnEmptyDatabase_OneMigratesAndAllPass()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        var log = new EventLog();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => database.PassGateAsync(mayMigrate: true, logger: log))));

        Assert.Single(log.EventIds, 7002);
        Assert.Equal(SchemaScript.All.Count, await database.DataSource.ScalarAsync<long>("select count(*) from orleanspatterns_schema"));
    }

    [Fact]
    public async Task Pass_WhileAnotherSiloMigrates_WaitsForIt()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await using var other = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var otherMigration = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var takeLock = new NpgsqlCommand($"select pg_advisory_xact_lock({SchemaMigrator.LockKey})", other);
        await takeLock.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var passing = database.PassGateAsync(mayMigrate: true);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from pg_class where relname = 'orleanspatterns_schema'"));

        await otherMigration.CommitAsync(TestContext.Current.CancellationToken);
        await passing;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pass_DatabaseIsTooNew_NamesBothVersions(bool mayMigrate)
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.PassGateAsync(mayMigrate: true);
        await database.DataSource.ExecuteAsync("insert into orleanspatterns_schema (version, script, compatible_from) values (99, '099_from_the_future.sql', 9)");

        var exception = await Assert.ThrowsAsync<SchemaVersionException>(() => database.PassGateAsync(mayMigrate));

        Assert.Equal((database.Name, 99, 8), (exception.Database, exception.DatabaseVersion, exception.ExpectedVersion));
        Assert.Equal(
            $"Database '{database.Name}' has schema version 99, but this build of OrleansPatterns knows version 8 only. "
            + "Start a build that knows it, or use another database.",
            exception.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pass_NewerScriptsSayThatThisBuildMayGoOn_PassesAndChangesNothing(bool mayMigrate)
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.PassGateAsync(mayMigrate: true);
        await database.DataSource.ExecuteAsync("insert into orleanspatterns_schema (version, script, compatible_from) values (98, '098_adds_a_column.sql', 8), (99, '099_adds_an_index.sql', 7)");
        var definition = await SchemaSnapshot.DefinitionAsync(database.DataSource);

        await database.PassGateAsync(mayMigrate);

        Assert.Equal(definition, await SchemaSnapshot.DefinitionAsync(database.DataSource));
        await database.DataSource.ExecuteAsync("insert into orleanspatterns_schema (version, script) values (100, '100_takes_one_away.sql')");
        Assert.Equal(100, (await Assert.ThrowsAsync<SchemaVersionException>(() => database.PassGateAsync(mayMigrate))).DatabaseVersion);
    }

    [Fact]
    public async Task Pass_ScriptsBeforeCompatibilityWasRecorded_AreReadAndBroughtOn()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.PassGateAsync(mayMigrate: true);
        await database.DataSource.ExecuteAsync("delete from orleanspatterns_schema where version = 8; alter table orleanspatterns_schema drop column compatible_from");

        await Assert.ThrowsAsync<SchemaVersionException>(() => database.PassGateAsync(mayMigrate: false));
        await database.PassGateAsync(mayMigrate: true);

        Assert.Equal(8, await database.DataSource.ScalarAsync<int>("select compatible_from from orleanspatterns_schema where version = 8"));
    }

    [Fact]
    public async Task Pass_DatabaseIsOlderAndMayNotBeMigrated_NamesWhatIsMissing()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.PassGateAsync(mayMigrate: true);
        await database.DataSource.ExecuteAsync("delete from orleanspatterns_schema where version = 8");

        var exception = await Assert.ThrowsAsync<SchemaVersionException>(() => database.PassGateAsync(mayMigrate: false));

        Assert.Equal((7, 8), (exception.DatabaseVersion, exception.ExpectedVersion));
        Assert.Equal(["008_schema_compatibility.sql"], exception.MissingScripts);
        Assert.Equal(
            $"Database '{database.Name}' has schema version 7, but this build needs version 8; not yet run: 008_schema_compatibility.sql. Start a silo of this build with "
            + "PostgresOptions.MigrateSchema = true, or run these scripts in this order with 'psql -v ON_ERROR_STOP=1 -f'. If they have been run, "
            + "check that the connection's search_path leads to their schema.",
            exception.Message);
    }

    [Fact]
    public async Task Pass_NoSchemaAndMayNotMigrate_SaysSoAndCreatesNothing()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);

        var exception = await Assert.ThrowsAsync<SchemaVersionException>(() => database.PassGateAsync(mayMigrate: false));

        Assert.Null(exception.DatabaseVersion);
        Assert.Equal(SchemaScript.All.Select(script => script.Name), exception.MissingScripts);
        Assert.StartsWith($"Database '{database.Name}' has no schema of OrleansPatterns, but this build needs version 8", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from pg_class where relnamespace = current_schema()::regnamespace"));
    }

    [Fact]
    public async Task Pass_OneScriptInTheMiddleIsMissing_RunsItAlone()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.PassGateAsync(mayMigrate: true);
        var definition = await SchemaSnapshot.DefinitionAsync(database.DataSource);
        await database.DataSource.ExecuteAsync("drop table orleanspatterns_idempotency; delete from orleanspatterns_schema where version = 6");

        await database.PassGateAsync(mayMigrate: true);

        Assert.Equal(definition, await SchemaSnapshot.DefinitionAsync(database.DataSource));
    }

    [Fact]
    public async Task Pass_WithSearchPath_KeepsEverythingInThatSchema()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await database.DataSource.ExecuteAsync("create schema patterns");
        var connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = "patterns" }.ConnectionString;

        await database.PassGateAsync(mayMigrate: true, connectionString);
        await database.PassGateAsync(mayMigrate: false, connectionString);

        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from pg_class where relnamespace = 'public'::regnamespace"));
        Assert.True(await database.DataSource.ScalarAsync<bool>("select to_regclass('patterns.orleanspatterns_catalog') is not null"));
    }

    [Fact]
    public async Task Pass_UserMayNotCreateTables_NamesTheScriptAndTheCause()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        var role = $"reader_{Guid.NewGuid():N}";
        await database.DataSource.ExecuteAsync($"create role {role} login password 'secret-pw'; revoke create on schema public from public");
        try
        {
            var connectionString =
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "secret-pw" }.ConnectionString;

            var exception = await Assert.ThrowsAsync<SchemaMigrationException>(() => database.PassGateAsync(mayMigrate: true, connectionString));

            Assert.Equal((database.Name, "000_schema_version.sql"), (exception.Database, exception.Script));
            Assert.Contains("permission denied for schema public", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-pw", exception.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            await database.DataSource.ExecuteAsync($"drop role {role}");
        }
    }

    [Fact]
    public void PoolOfOne_IsRefused()
    {
        var exception = Assert.Throws<OrleansConfigurationException>(
            () => PostgresDatabase.Create("Host=localhost;Maximum Pool Size=1", new PostgresOptions()));
        Assert.Contains("Maximum Pool Size=1; it must be at least 2", exception.Message, StringComparison.Ordinal);
    }

    private sealed class EventLog : ILogger<SchemaMigrator>
    {
        private readonly ConcurrentQueue<int> _eventIds = new();

        internal IEnumerable<int> EventIds => _eventIds;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _eventIds.Enqueue(eventId.Id);
    }
}
