using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Catalog;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>What <c>sql/007_catalog_search.sql</c> does to the rows that are there and to the silos that do not know of it.</summary>
public sealed class CatalogUpgradeTests(PostgresServer server)
{
    /// <summary>As silos of schema version 6 write it.</summary>
    private const string OldUpsert =
        """
        insert into orleanspatterns_catalog as stored
            (service_id, pattern, key, status, summary, wake_at, expires_at, version, updated_at)
        select 'tests', pattern, key, status, summary, clock_timestamp() + wake_in, clock_timestamp() + expires_in, version, clock_timestamp()
        from (values {0}) as item (pattern, key, status, summary, wake_in, expires_in, version)
        on conflict (service_id, pattern, key) do update
        set status = excluded.status, summary = excluded.summary, wake_at = excluded.wake_at, expires_at = excluded.expires_at,
            version = excluded.version, updated_at = excluded.updated_at
        where stored.version <= excluded.version
        """;

    [Fact]
    public async Task Rows_OfTheOldSchema_CountAsCreatedWhenTheyWereLastWritten()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await RunAsync(database, version => version < 7);
        await UpsertAsync(database, "old", version: 1);
        await database.DataSource.ExecuteAsync("update orleanspatterns_catalog set updated_at = updated_at - interval '1 d'");

        await RunAsync(database, version => version == 7);

        Assert.Equal(
            ["old | True"],
            await database.DataSource.RowsAsync(
                "select key, created_at = updated_at and created_at < now() - interval '23 h' from orleanspatterns_catalog"));
    }

    [Fact]
    public async Task Upsert_OfAnOldSilo_GoesOnOnTheNewSchema()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await RunAsync(database, _ => true);

        await UpsertAsync(database, "k", version: 1);
        var createdAt = await database.DataSource.RowsAsync("select created_at::text from orleanspatterns_catalog");
        await UpsertAsync(database, "k", version: 2);

        Assert.Equal(createdAt, await database.DataSource.RowsAsync("select created_at::text from orleanspatterns_catalog"));
        Assert.Equal(
            ["2 | True"],
            await database.DataSource.RowsAsync(
                "select version, created_at < updated_at and created_at > now() - interval '1 min' from orleanspatterns_catalog"));
    }

    [Fact]
    public async Task Search_OfSagas_UsesItsIndex_AlsoInAPlanThatIsKept()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await RunAsync(database, _ => true);
        await database.DataSource.ExecuteAsync(
            """
            insert into orleanspatterns_catalog (service_id, pattern, key, status, summary, version, updated_at)
            select 'tests', 'saga', number::text, 'Running', jsonb_build_object('customer', number / 10), 1, clock_timestamp()
            from generate_series(1, 20000) as number;
            analyze orleanspatterns_catalog
            """);
        var query = new CatalogQuery { Pattern = "saga", SummaryContains = """{"customer":7}""" };
        var text = new CatalogListStatement("tests", query).Text;
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();

        command.CommandText = $"set plan_cache_mode = force_generic_plan; prepare search (text, jsonb, int) as {text}";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        command.CommandText = $$"""explain execute search ('tests', '{{query.SummaryContains}}', 100)""";

        Assert.Contains("orleanspatterns_catalog_saga_summary", string.Join('\n', await command.RowsAsync()), StringComparison.Ordinal);
    }

    private static async Task RunAsync(EmptyDatabase database, Func<int, bool> isWanted)
    {
        foreach (var script in SchemaScript.All.Where(script => isWanted(script.Version)))
        {
            await database.DataSource.ExecuteAsync(script.Text);
        }
    }

    private static Task UpsertAsync(EmptyDatabase database, string key, long version) => database.DataSource.ExecuteAsync(
        OldUpsert.Replace("{0}", $"('saga', '{key}', 'Running', '{{}}'::jsonb, interval '30 s', null::interval, {version}::bigint)", StringComparison.Ordinal));
}
