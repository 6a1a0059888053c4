using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Postgres.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

public sealed class PostgresCatalogTests : CatalogSuite, IClassFixture<MigratedDatabase>
{
    private readonly MigratedDatabase _database;
    private readonly string _serviceId = Guid.NewGuid().ToString("N");

    public PostgresCatalogTests(MigratedDatabase database)
    {
        _database = database;
        Catalog = CatalogOf(_serviceId);
    }

    protected override ICatalog Catalog { get; }

    /// <summary>The server's clock cannot be moved, so its instants are.</summary>
    protected override Task AdvanceAsync(TimeSpan time) => _database.DataSource.ExecuteAsync(
        $"""
        update orleanspatterns_catalog
        set wake_at = wake_at - interval '{time.TotalSeconds} s', expires_at = expires_at - interval '{time.TotalSeconds} s',
            updated_at = updated_at - interval '{time.TotalSeconds} s', created_at = created_at - interval '{time.TotalSeconds} s'
        where service_id = '{_serviceId}'
        """);

    protected override Task SetUpdatedAtAsync(DateTimeOffset instant) => _database.DataSource.ExecuteAsync(
        $"update orleanspatterns_catalog set updated_at = '{instant:O}' where service_id = '{_serviceId}'");

    [Fact]
    public async Task Rows_OfAnotherService_AreNotSeen()
    {
        await Catalog.UpsertAsync(Entry("k") with { WakeIn = TimeSpan.Zero }, Token);
        var other = CatalogOf("another service");
        Assert.Null(await other.FindAsync(Entry("k").Pattern, "k", Token));
        Assert.Empty(await other.ListAsync(new CatalogQuery { Pattern = Entry("k").Pattern }, Token));
        Assert.Empty(await other.ClaimDueAsync(10, TimeSpan.FromSeconds(1), Token));
        await other.RemoveAsync(Entry("k").Pattern, "k", 1, Token);
        Assert.NotNull(await FindAsync("k"));
    }

    [Theory]
    [InlineData("""{"fault":"a\u0000b"}""", """{"fault":"a\ufffdb"}""")]
    [InlineData("""{"fault":"\u0000\u0000"}""", """{"fault":"\ufffd\ufffd"}""")]
    [InlineData("""{"fault":"a\\u0000b"}""", """{"fault":"a\\u0000b"}""")]
    [InlineData("""{"fault":"a\\\u0000b"}""", """{"fault":"a\\\ufffdb"}""")]
    public async Task Upsert_SummaryWithTheCharacterThatPostgresLacks_IsKeptWithoutIt(string written, string expected)
    {
        await Catalog.UpsertAsync(Entry("k") with { SummaryJson = written }, Token);
        var found = (await FindAsync("k"))!.SummaryJson;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(found)), found);
    }

    [Theory]
    [InlineData("""{"a":1e999999}""")]
    [InlineData("""{"a":"\ud800"}""")]
    public async Task List_BySummaryThatPostgresRefuses_IsRefusedAlike(string wanted)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => Catalog.ListAsync(new CatalogQuery { Pattern = "saga", SummaryContains = wanted }, Token));
        Assert.Equal($"CatalogQuery.SummaryContains is '{wanted}'; it must be a JSON object. (Parameter 'query')", exception.Message);
    }

    [Fact]
    public async Task List_BySummaryWithTheCharacterThatPostgresLacks_FindsWhatWasWrittenWithIt()
    {
        var entry = Entry("k") with { SummaryJson = """{"fault":"a\u0000b"}""" };
        await Catalog.UpsertAsync(entry, Token);
        Assert.Single(await Catalog.ListAsync(new CatalogQuery { Pattern = entry.Pattern, SummaryContains = entry.SummaryJson }, Token));
    }

    private PostgresCatalog CatalogOf(string serviceId) =>
        new(PostgresDatabase.Use(_database.DataSource), Options.Create(new ClusterOptions { ClusterId = "test", ServiceId = serviceId }), new ConnectionBudget(), TestInstruments.NewBatches(), RealTime.Provider, NullLogger<PostgresCatalog>.Instance);
}
