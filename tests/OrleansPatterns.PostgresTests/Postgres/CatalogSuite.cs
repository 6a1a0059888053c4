using System.Text.Json.Nodes;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>What every catalog must do. Tests of one class share it and run one after the other, so each uses a pattern of its own.</summary>
public abstract partial class CatalogSuite
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Later = TimeSpan.FromHours(1);

    private readonly string _pattern = $"pattern-{Guid.NewGuid():N}";

    protected abstract ICatalog Catalog { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Lets time pass for the catalog.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    [Fact]
    public async Task Upsert_OfANewRow_IsFoundAsWritten()
    {
        await Catalog.UpsertAsync(
            Entry("k", version: 3, status: "Running") with
            {
                SummaryJson = """{ "step": "pay \u00e9 \\u0041", "tries": 2 }""",
                WakeIn = Later,
                ExpiresIn = 2 * Later,
            },
            Token);

        var found = await FindAsync("k");

        Assert.Equal((_pattern, "k", "Running", 3L), (found!.Pattern, found.Key, found.Status, found.Version));
        var summary = JsonNode.Parse("""{"tries":2,"step":"pay é \\u0041"}""");
        Assert.True(JsonNode.DeepEquals(summary, JsonNode.Parse(found.SummaryJson)), found.SummaryJson);
        Assert.InRange(found.WakeIn!.Value, Later - TimeSpan.FromMinutes(1), Later);
        Assert.InRange(found.ExpiresIn!.Value, (2 * Later) - TimeSpan.FromMinutes(1), 2 * Later);
    }

    [Fact]
    public async Task Upsert_WithoutDueTimesAndSummary_IsFoundWithoutThem()
    {
        await Catalog.UpsertAsync(Entry("k"), Token);
        var found = await FindAsync("k");
        Assert.Equal((null, null, "{}"), (found!.WakeIn, found.ExpiresIn, found.SummaryJson));
    }

    [Fact]
    public async Task Find_OfAMissingRow_IsNull()
    {
        await Catalog.UpsertAsync(Entry("k"), Token);
        Assert.Null(await FindAsync("K"));
        Assert.Null(await Catalog.FindAsync(_pattern + "x", "k", Token));
    }

    [Fact]
    public async Task Upsert_WithALowerVersion_ChangesNothing()
    {
        await Catalog.UpsertAsync(Entry("k", version: 2, status: "New"), Token);
        var before = await FindAsync("k");
        await AdvanceAsync(TimeSpan.FromSeconds(1));

        await Catalog.UpsertAsync(Entry("k", version: 1, status: "Old") with { WakeIn = TimeSpan.Zero, SummaryJson = """{"old":1}""" }, Token);

        var after = await FindAsync("k");
        Assert.Equal(before! with { UpdatedAt = default, CreatedAt = default }, after! with { UpdatedAt = default, CreatedAt = default });
        Assert.Empty(await ClaimAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Upsert_WithTheSameOrAHigherVersion_ReplacesTheRow(long version)
    {
        var old = Entry("k", version: 2, status: "Old") with { WakeIn = TimeSpan.Zero, ExpiresIn = Later, SummaryJson = """{"old":1}""" };
        await Catalog.UpsertAsync(old, Token);
        await Catalog.UpsertAsync(Entry("k", version, status: "New"), Token);

        var found = await FindAsync("k");

        Assert.Equal(("New", version, "{}", null, null), (found!.Status, found.Version, found.SummaryJson, found.WakeIn, found.ExpiresIn));
        Assert.Empty(await ClaimAsync());
    }

    [Fact]
    public async Task Upsert_ManyVersionsAtOnce_TheHighestStays()
    {
        await Task.WhenAll(Enumerable.Range(1, 40).Select(version => Catalog.UpsertAsync(Entry("k", version, status: $"{version}"), Token)));
        Assert.Equal("40", (await FindAsync("k"))!.Status);
    }

    [Fact]
    public async Task Remove_WithALowerVersion_KeepsTheRow()
    {
        await Catalog.UpsertAsync(Entry("k", version: 2), Token);
        await Catalog.RemoveAsync(_pattern, "k", 1, Token);
        Assert.NotNull(await FindAsync("k"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Remove_WithTheSameOrAHigherVersion_RemovesThatRowOnly(long version)
    {
        await Catalog.UpsertAsync(Entry("k", version: 2), Token);
        await Catalog.UpsertAsync(Entry("other", version: 2), Token);

        await Catalog.RemoveAsync(_pattern, "k", version, Token);
        await Catalog.RemoveAsync(_pattern, "k", version, Token);

        Assert.Null(await FindAsync("k"));
        Assert.NotNull(await FindAsync("other"));
    }

    [Fact]
    public async Task List_IsByPatternAndStatus_LatestFirst()
    {
        foreach (var (key, status) in new[] { ("a", "Running"), ("b", "Stuck"), ("c", "Running") })
        {
            await Catalog.UpsertAsync(Entry(key, status: status), Token);
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await Catalog.UpsertAsync(Entry("a", version: 2, status: "Running"), Token);

        Assert.Equal(["a", "c", "b"], await ListAsync(new CatalogQuery { Pattern = _pattern }));
        Assert.Equal(["a", "c"], await ListAsync(new CatalogQuery { Pattern = _pattern, Statuses = ["Running"] }));
        Assert.Equal(["a", "c"], await ListAsync(new CatalogQuery { Pattern = _pattern, MaxCount = 2 }));
        Assert.Equal(["a"], await ListAsync(new CatalogQuery { Pattern = _pattern, Statuses = ["Running"], MaxCount = 1 }));
        Assert.Empty(await ListAsync(new CatalogQuery { Pattern = _pattern, Statuses = ["running"] }));
        Assert.Equal(["a", "c", "b"], await ListAsync(new CatalogQuery { Pattern = _pattern, Statuses = ["Stuck", "Running", "Stuck"] }));
    }

    [Fact]
    public async Task ClaimDue_TakesWhatIsDue_OnceForEachLease()
    {
        await Catalog.UpsertAsync(Entry("due") with { WakeIn = TimeSpan.Zero }, Token);
        await Catalog.UpsertAsync(Entry("overdue") with { WakeIn = -Later }, Token);
        await Catalog.UpsertAsync(Entry("later") with { WakeIn = Later }, Token);
        await Catalog.UpsertAsync(Entry("never"), Token);

        Assert.Equal(["due", "overdue"], await ClaimAsync());
        Assert.Empty(await ClaimAsync());
        await AdvanceAsync(Soon);
        Assert.Equal(["due", "overdue"], await ClaimAsync());
    }

    [Fact]
    public async Task ClaimDue_OfARowRewrittenMeanwhile_FollowsTheNewTime()
    {
        await Catalog.UpsertAsync(Entry("k") with { WakeIn = TimeSpan.Zero }, Token);
        await ClaimAsync();
        await Catalog.UpsertAsync(Entry("k", version: 2) with { WakeIn = TimeSpan.Zero }, Token);
        Assert.Equal(["k"], await ClaimAsync());
        await Catalog.UpsertAsync(Entry("k", version: 3), Token);
        await AdvanceAsync(Soon);
        Assert.Empty(await ClaimAsync());
    }

    [Fact]
    public async Task ClaimDue_OfMoreThanWanted_TakesTheLongestOverdue()
    {
        await Catalog.UpsertAsync(Entry("b") with { WakeIn = -TimeSpan.FromMinutes(2) }, Token);
        await Catalog.UpsertAsync(Entry("c") with { WakeIn = -TimeSpan.FromMinutes(1) }, Token);
        await Catalog.UpsertAsync(Entry("a") with { WakeIn = -TimeSpan.FromMinutes(3) }, Token);

        Assert.Equal(["a", "b"], await ClaimAsync(maxCount: 2));
        Assert.Equal(["c"], await ClaimAsync(maxCount: 2));
    }

    [Fact]
    public async Task ClaimDue_ByManyAtOnce_GivesEachRowToOneOfThem()
    {
        string[] keys = [.. Enumerable.Range(0, 200).Select(number => $"{number:000}")];
        await Task.WhenAll(keys.Select(key => Catalog.UpsertAsync(Entry(key) with { WakeIn = TimeSpan.Zero }, Token)));

        // While one session claims, its rows are skipped by the others; so some may answer short, and together they still take all.
        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClaimAsync(maxCount: 200)));

        Assert.Equal(keys, claimed.SelectMany(some => some).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreKeptApart()
    {
        string[] keys =
        [
            "2a", "02a", "2A", "123", "0123", "a+b", "b1e9f2a0c3d4451fa2b3c4d5e6f70819", "'", "%", "ключ", new('k', ResourceKey.MaxLength),
        ];
        foreach (var key in keys)
        {
            await Catalog.UpsertAsync(Entry(key, status: key), Token);
        }

        foreach (var key in keys)
        {
            Assert.Equal((key, key), ((await FindAsync(key))!.Key, (await FindAsync(key))!.Status));
        }
    }

    protected CatalogEntry Entry(string key, long version = 1, string status = "Running") =>
        new() { Pattern = _pattern, Key = key, Status = status, Version = version };

    protected Task<CatalogEntry?> FindAsync(string key) => Catalog.FindAsync(_pattern, key, Token);

    /// <summary>Claims are for all patterns; rows that other tests left due are none of this test's business.</summary>
    private async Task<IReadOnlyList<string>> ClaimAsync(int maxCount = 1000) =>
    [
        .. (await Catalog.ClaimDueAsync(maxCount, Soon, Token))
            .Where(due => due.Pattern == _pattern)
            .Select(due => due.Key)
            .Order(StringComparer.Ordinal),
    ];

    private async Task<IReadOnlyList<string>> ListAsync(CatalogQuery query) => [.. (await Catalog.ListAsync(query, Token)).Select(entry => entry.Key)];
}
