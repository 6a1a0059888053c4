using System.Diagnostics;
using Npgsql;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

public sealed class SchemaScriptTests(PostgresServer server, MigratedDatabase migrated) : IClassFixture<MigratedDatabase>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void All_AreNumberedWithoutGaps() =>
        Assert.Equal(Enumerable.Range(0, SchemaScript.All.Count), SchemaScript.All.Select(script => script.Version));

    [Fact]
    public async Task Scripts_EachRecordsItself() =>
        Assert.Equal(
            SchemaScript.All.Select(script => $"{script.Version} | {script.Name}"),
            await migrated.DataSource.RowsAsync("select version, script from orleanspatterns_schema order by version"));

    /// <summary>Since compatibility is recorded, by script 8, each script says itself who may go on.</summary>
    [Fact]
    public async Task Scripts_SayWhichBuildsMayGoOn() =>
        Assert.Empty(await migrated.DataSource.RowsAsync(
            "select script from orleanspatterns_schema where version >= 8 and (compatible_from is null or compatible_from > version)"));

    /// <summary>The keys that Orleans.Clustering.AdoNet and Orleans.Persistence.AdoNet 10.4 ask for, the optional ones included.</summary>
    [Fact]
    public async Task Queries_AreExactlyThoseThatOrleansAsksFor()
    {
        string[] expected =
        [
            "CleanupDefunctSiloEntriesKey", "CleanupDefunctSiloEntryKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteStorageKey",
            "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey",
            "ReadFromStorageKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "WriteToStorageKey",
        ];
        Assert.Equal(expected, await migrated.DataSource.RowsAsync("select querykey from orleansquery order by querykey collate \"C\""));
    }

    [Fact]
    public async Task Scripts_RunAgain_ChangeNothing()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await RunAllAsync(database.DataSource);
        var definition = await SchemaSnapshot.DefinitionAsync(database.DataSource);
        var traces = await SchemaSnapshot.TracesAsync(database.DataSource);

        await RunAllAsync(database.DataSource);

        Assert.Equal(definition, await SchemaSnapshot.DefinitionAsync(database.DataSource));
        Assert.Equal(traces, await SchemaSnapshot.TracesAsync(database.DataSource));
    }

    [Fact]
    public async Task Psql_LeavesTheSameSchemaAsASilo_AndTheSiloAcceptsIt()
    {
        await using var bySilo = await EmptyDatabase.CreateAsync(server);
        await bySilo.PassGateAsync(mayMigrate: true);

        await using var byPsql = await EmptyDatabase.CreateAsync(server);
        await RunPsqlAsync(byPsql.ConnectionString);
        var traces = await SchemaSnapshot.TracesAsync(byPsql.DataSource);
        await byPsql.PassGateAsync(mayMigrate: true);

        Assert.Equal(await SchemaSnapshot.DefinitionAsync(bySilo.DataSource), await SchemaSnapshot.DefinitionAsync(byPsql.DataSource));
        Assert.Equal(traces, await SchemaSnapshot.TracesAsync(byPsql.DataSource));
    }

    private static async Task RunAllAsync(NpgsqlDataSource dataSource)
    {
        foreach (var script in SchemaScript.All)
        {
            await dataSource.ExecuteAsync(script.Text);
        }
    }

    private static async Task RunPsqlAsync(string connectionString)
    {
        var psql = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "psql.exe" : "psql"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(psql is null, "psql is not installed here.");

        var folder = Directory.CreateTempSubdirectory("orleanspatterns-sql-");
        try
        {
            var target = new NpgsqlConnectionStringBuilder(connectionString);
            var start = new ProcessStartInfo(psql!, ["--no-psqlrc", "-v", "ON_ERROR_STOP=1"]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["PGHOST"] = target.Host;
            start.Environment["PGPORT"] = $"{target.Port}";
            start.Environment["PGUSER"] = target.Username;
            start.Environment["PGPASSWORD"] = target.Password;
            start.Environment["PGDATABASE"] = target.Database;
            foreach (var script in SchemaScript.All)
            {
                var path = Path.Combine(folder.FullName, script.Name);
                await File.WriteAllTextAsync(path, script.Text, Token);
                start.ArgumentList.Add("-f");
                start.ArgumentList.Add(path);
            }

            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(Token);
            var errors = await process.StandardError.ReadToEndAsync(Token);
            await output;
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
