using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <content>Pages, parts of keys, counts, and rows that have expired.</content>
public abstract partial class CatalogSuite
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task Pages_TogetherHaveEachRowOnce_InTheOrderOfTheList(int size)
    {
        foreach (var number in Enumerable.Range(0, 10))
        {
            await Catalog.UpsertAsync(Entry($"k{number}/<b>", status: number % 3 == 0 ? "Stuck" : "Running"), Token);

            // Some are written in one moment as far as the clock tells.
            await AdvanceAsync(number % 4 == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        }

        foreach (var query in new[] { new CatalogQuery { Pattern = _pattern }, new CatalogQuery { Pattern = _pattern, Statuses = ["Running"] } })
        {
            var whole = await ListAsync(query);
            Assert.Equal(query.Statuses.IsEmpty ? 10 : 6, whole.Count);
            Assert.Equal(whole, await PageAsync(query with { MaxCount = size }));
        }
    }

    [Fact]
    public async Task RowsOfOneInstant_AreOrderedByKey_AndTurnedOverOnce()
    {
        foreach (var key in new[] { "b", "a", "c" })
        {
            await Catalog.UpsertAsync(Entry(key), Token);
        }

        await SetUpdatedAtAsync(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

        Assert.Equal(["c", "b", "a"], await ListAsync(new CatalogQuery { Pattern = _pattern }));
        Assert.Equal(["c", "b", "a"], await PageAsync(new CatalogQuery { Pattern = _pattern, MaxCount = 1 }));
    }

    [Fact]
    public async Task RowThatIsWrittenBetweenTwoPages_IsNotOnTheSecond_AndNoOtherIsLeftOut()
    {
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            await Catalog.UpsertAsync(Entry(key), Token);
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var first = await Catalog.ListAsync(new CatalogQuery { Pattern = _pattern, MaxCount = 2 }, Token);
        Assert.Equal(["d", "c"], first.Select(row => row.Key));
        await Catalog.UpsertAsync(Entry("b", version: 2), Token);

        Assert.Equal(["a"], await ListAsync(new CatalogQuery { Pattern = _pattern, After = first[^1].Cursor }));
    }

    [Theory]
    [InlineData("/7", "order/7|order/70")]
    [InlineData("RDER", "")]
    [InlineData("%", "100%")]
    [InlineData("_", "")]
    [InlineData("", "100%|order/7|order/70")]
    [InlineData(null, "100%|order/7|order/70")]
    public async Task List_ByPartOfAKey_TakesItToTheLetter(string? part, string expected)
    {
        foreach (var key in new[] { "order/7", "order/70", "100%" })
        {
            await Catalog.UpsertAsync(Entry(key), Token);
        }

        var found = await ListAsync(new CatalogQuery { Pattern = _pattern, KeyContains = part });
        Assert.Equal(expected, string.Join('|', found.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Counts_AreByStatus_OfOnePattern()
    {
        await Catalog.UpsertAsync(Entry("a"), Token);
        await Catalog.UpsertAsync(Entry("b"), Token);
        await Catalog.UpsertAsync(Entry("c", status: "Stuck"), Token);
        await Catalog.UpsertAsync(Entry("d") with { Pattern = $"{_pattern}x" }, Token);

        var counts = await Catalog.CountAsync(_pattern, Token);
        Assert.Equal([("Running", 2), ("Stuck", 1)], counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => (count.Key, count.Value)));
        Assert.Empty(await Catalog.CountAsync($"{_pattern}y", Token));
    }

    [Theory]
    [InlineData(true, "Running", "{}", true)]
    [InlineData(true, "Stuck", "{}", false)]
    [InlineData(true, "Running", """{"step":"pay"}""", false)]
    [InlineData(false, "Running", "{}", false)]
    public async Task RowThatExpires_WrittenAgainAsItWas_KeepsItsPlace(bool expires, string status, string summary, bool isKept)
    {
        var row = Entry("a") with { ExpiresIn = expires ? Later : null };
        await Catalog.UpsertAsync(row, Token);
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        await Catalog.UpsertAsync(Entry("b"), Token);
        await AdvanceAsync(TimeSpan.FromSeconds(1));

        await Catalog.UpsertAsync(row with { Version = 2, Status = status, SummaryJson = summary }, Token);

        Assert.Equal(isKept ? ["b", "a"] : ["a", "b"], await ListAsync(new CatalogQuery { Pattern = _pattern }));
        Assert.Equal(2, (await FindAsync("a"))!.Version);
    }

    [Fact]
    public async Task RowThatHasExpired_IsNotListed_NorCounted()
    {
        await Catalog.UpsertAsync(Entry("short") with { ExpiresIn = Soon }, Token);
        await Catalog.UpsertAsync(Entry("long") with { ExpiresIn = Later }, Token);
        await AdvanceAsync(2 * Soon);
        Assert.Equal(["long"], await ListAsync(new CatalogQuery { Pattern = _pattern }));
        Assert.Equal([("Running", 1)], (await Catalog.CountAsync(_pattern, Token)).Select(count => (count.Key, count.Value)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-1.YQ")]
    [InlineData("12.!")]
    [InlineData("12.")]
    [InlineData("12.AA")]
    [InlineData("9999999999999999999.YQ")]
    public async Task List_BehindWhatIsNoCursor_IsRefused(string after)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(new CatalogQuery { Pattern = _pattern, After = after }));
        Assert.Equal($"CatalogQuery.After is '{after}'; it must be the Cursor of a row. (Parameter 'query')", exception.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public async Task List_OfSoMany_IsRefused(int maxCount)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(new CatalogQuery { Pattern = _pattern, MaxCount = maxCount }));
        Assert.Equal($"CatalogQuery.MaxCount is {maxCount}; it must be 1 to 1000. (Parameter 'query')", exception.Message);
    }

    [Fact]
    public async Task List_ByWhatNoKeyContains_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>("query", () => ListAsync(new CatalogQuery { Pattern = _pattern, KeyContains = "a\0b" }));

    /// <summary>Makes as if all rows had been written at that instant.</summary>
    protected abstract Task SetUpdatedAtAsync(DateTimeOffset instant);

    private async Task<IReadOnlyList<string>> PageAsync(CatalogQuery query)
    {
        var keys = new List<string>();
        string? after = null;
        do
        {
            var page = await Catalog.ListAsync(query with { After = after }, Token);
            keys.AddRange(page.Select(row => row.Key));
            after = page.Count == query.MaxCount ? page[^1].Cursor : null;
        }
        while (after is not null);
        return keys;
    }
}
