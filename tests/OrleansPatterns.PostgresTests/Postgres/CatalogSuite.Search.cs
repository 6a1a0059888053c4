using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>Search by summary and by age. The cases of containment say what <c>jsonb @&gt;</c> does; both catalogs must agree with them.</summary>
public abstract partial class CatalogSuite
{
    [Theory]
    [InlineData("""{}""", """{}""", true)]
    [InlineData("""{"a":1}""", """{}""", true)]
    [InlineData("""{}""", """{"a":1}""", false)]
    [InlineData("""{"a":1,"b":2}""", """{"b":2}""", true)]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", true)]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"c":3}""", false)]
    [InlineData("""{"a":1}""", """{"A":1}""", false)]
    [InlineData("""{"a":"x"}""", """{"a":"x"}""", true)]
    [InlineData("""{"a":"x"}""", """{"a":"X"}""", false)]
    [InlineData("""{"a":"xy"}""", """{"a":"x"}""", false)]
    [InlineData("""{"a":"é"}""", """{"a":"\u00e9"}""", true)]
    [InlineData("""{"a":"\u00e9"}""", """{"a":"e\u0301"}""", false)]
    [InlineData("""{"\u0061":1}""", """{"a":1}""", true)]
    [InlineData("""{"a":"\ud83d\ude00"}""", """{"a":"😀"}""", true)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":1}""", """{"a":1.0}""", true)]
    [InlineData("""{"a":100}""", """{"a":1e2}""", true)]
    [InlineData("""{"a":0}""", """{"a":-0.0}""", true)]
    [InlineData("""{"a":1}""", """{"a":-1}""", false)]
    [InlineData("""{"a":12345678901234567890123456789}""", """{"a":12345678901234567890123456788}""", false)]
    [InlineData("""{"a":12345678901234567890123456789}""", """{"a":12345678901234567890123456789.00}""", true)]
    [InlineData("""{"a":true}""", """{"a":true}""", true)]
    [InlineData("""{"a":true}""", """{"a":false}""", false)]
    [InlineData("""{"a":null}""", """{"a":null}""", true)]
    [InlineData("""{}""", """{"a":null}""", false)]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"c":2}}""", true)]
    [InlineData("""{"a":{"b":1}}""", """{"b":1}""", false)]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", true)]
    [InlineData("""{"a":[]}""", """{"a":{}}""", false)]
    [InlineData("""{"a":{}}""", """{"a":[]}""", false)]
    [InlineData("""{"a":1}""", """{"a":[]}""", false)]
    [InlineData("""{"a":[1,2,3]}""", """{"a":[3,1]}""", true)]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,1,1]}""", true)]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,4]}""", false)]
    [InlineData("""{"a":[1,2]}""", """{"a":[]}""", true)]
    [InlineData("""{"a":[]}""", """{"a":[[]]}""", false)]
    [InlineData("""{"a":[1]}""", """{"a":1}""", false)]
    [InlineData("""{"a":1}""", """{"a":[1]}""", false)]
    [InlineData("""{"a":["1"]}""", """{"a":[1]}""", false)]
    [InlineData("""{"a":[[1]]}""", """{"a":[1]}""", false)]
    [InlineData("""{"a":[[1,2],3]}""", """{"a":[[2]]}""", true)]
    [InlineData("""{"a":[{"b":1,"c":2},{"b":3}]}""", """{"a":[{"b":3},{"c":2}]}""", true)]
    [InlineData("""{"a":[{"b":1},{"c":2}]}""", """{"a":[{"b":1,"c":2}]}""", false)]
    [InlineData("""{"a":[null]}""", """{"a":[null]}""", true)]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""", true)]
    [InlineData("""{"a":1,"a":2}""", """{"a":1}""", false)]
    [InlineData("""{"a":2}""", """{"a":1,"a":2}""", true)]
    public async Task List_BySummary_FindsWhatContainsIt(string summary, string wanted, bool expected)
    {
        await Catalog.UpsertAsync(Entry("k") with { SummaryJson = summary }, Token);
        Assert.Equal(expected ? ["k"] : [], await ListAsync(new CatalogQuery { Pattern = _pattern, SummaryContains = wanted }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":1} x""")]
    [InlineData("{a:1}")]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("null")]
    public async Task List_BySummaryThatIsNoJsonObject_IsRefused(string wanted)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => ListAsync(new CatalogQuery { Pattern = _pattern, SummaryContains = wanted }));
        Assert.Equal($"CatalogQuery.SummaryContains is '{wanted}'; it must be a JSON object. (Parameter 'query')", exception.Message);
    }

    [Fact]
    public async Task List_ByNegativeDurations_IsRefused()
    {
        var query = new CatalogQuery { Pattern = _pattern };
        var age = await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(query with { MinAge = -Soon }));
        var idle = await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(query with { MinIdle = -Soon }));
        Assert.Equal("CatalogQuery.MinAge is -00:00:05; it must be at least zero. (Parameter 'query')", age.Message);
        Assert.Equal("CatalogQuery.MinIdle is -00:00:05; it must be at least zero. (Parameter 'query')", idle.Message);
    }

    [Fact]
    public async Task List_ByAge_CountsFromTheFirstWrite_AndByIdlenessFromTheLast()
    {
        await Catalog.UpsertAsync(Entry("busy"), Token);
        await Catalog.UpsertAsync(Entry("idle"), Token);
        await AdvanceAsync(2 * Later);
        await Catalog.UpsertAsync(Entry("busy", version: 2), Token);
        await Catalog.UpsertAsync(Entry("new"), Token);

        var query = new CatalogQuery { Pattern = _pattern };
        Assert.Equal(["busy", "idle"], (await ListAsync(query with { MinAge = Later })).Order(StringComparer.Ordinal));
        Assert.Equal(["idle"], await ListAsync(query with { MinIdle = Later }));
        Assert.Empty(await ListAsync(query with { MinAge = 3 * Later }));
        Assert.Empty(await ListAsync(query with { MinIdle = 3 * Later }));
        Assert.Equal(3, (await ListAsync(query with { MinAge = TimeSpan.Zero, MinIdle = TimeSpan.Zero })).Count);
    }

    [Fact]
    public async Task List_ByEverythingAtOnce_FindsWhatMeetsAllOfIt()
    {
        var matching = Entry("matching", status: "Stuck") with { SummaryJson = """{"definition":"order","step":"pay"}""" };
        await Catalog.UpsertAsync(matching, Token);
        await Catalog.UpsertAsync(matching with { Key = "other status", Status = "Running" }, Token);
        await Catalog.UpsertAsync(matching with { Key = "other step", SummaryJson = """{"definition":"order","step":"ship"}""" }, Token);
        await Catalog.UpsertAsync(matching with { Key = "written" }, Token);
        await AdvanceAsync(2 * Later);
        await Catalog.UpsertAsync(matching with { Key = "written", Version = 2 }, Token);
        await Catalog.UpsertAsync(matching with { Key = "new" }, Token);

        var query = new CatalogQuery
        {
            Pattern = _pattern,
            Statuses = ["Stuck"],
            SummaryContains = """{"step":"pay"}""",
            MinAge = Later,
            MinIdle = Later,
        };
        Assert.Equal(["matching"], await ListAsync(query));
        Assert.Single(await ListAsync(query with { MinIdle = null, MaxCount = 1 }));
    }

    [Fact]
    public async Task List_OfSagas_IsByStatusAndSummary()
    {
        var step = Guid.NewGuid().ToString();
        var saga = new CatalogEntry
        {
            Pattern = "saga", Key = $"{step}-a", Status = "Running", Version = 1, SummaryJson = $$"""{"step":"{{step}}"}""",
        };
        await Catalog.UpsertAsync(saga, Token);
        await Catalog.UpsertAsync(saga with { Key = $"{step}-b", Status = "Stuck" }, Token);
        await Catalog.UpsertAsync(saga with { Key = $"{step}-c", SummaryJson = "{}" }, Token);

        var query = new CatalogQuery { Pattern = "saga", SummaryContains = saga.SummaryJson };
        Assert.Equal([$"{step}-a", $"{step}-b"], (await ListAsync(query)).Order(StringComparer.Ordinal));
        Assert.Equal([$"{step}-b"], await ListAsync(query with { Statuses = ["Stuck"] }));
    }

    [Fact]
    public async Task CreatedAt_IsKeptByLaterWrites_AndAnewAfterARemoval()
    {
        await Catalog.UpsertAsync(Entry("k"), Token);
        await AdvanceAsync(Later);
        var before = (await FindAsync("k"))!;
        await Catalog.UpsertAsync(Entry("k", version: 2) with { CreatedAt = DateTimeOffset.UnixEpoch }, Token);
        var after = (await FindAsync("k"))!;

        Assert.Equal(before.CreatedAt, after.CreatedAt);
        Assert.InRange(before.UpdatedAt - before.CreatedAt, -TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Assert.InRange(after.UpdatedAt - after.CreatedAt, Later, Later + TimeSpan.FromMinutes(1));

        await Catalog.RemoveAsync(_pattern, "k", version: 2, Token);
        await Catalog.UpsertAsync(Entry("k"), Token);
        Assert.True((await FindAsync("k"))!.CreatedAt > before.CreatedAt);
    }
}
