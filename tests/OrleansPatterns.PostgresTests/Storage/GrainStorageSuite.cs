using Orleans.Storage;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>What Orleans and our grains expect of any grain storage.</summary>
public abstract class GrainStorageSuite(StorageSilo silo, string name)
{
    protected const string StateName = "test";

    protected StorageSilo Silo { get; } = silo;

    protected GrainId Key { get; } = Grain($"test/{Guid.NewGuid():N}");

    protected virtual IGrainStorage Storage => Silo.Storage(name);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfWhatWasNeverWritten_HasNoRecord()
    {
        var state = await ReadAsync(Key);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task Write_ThenRead_ReturnsTheStateAndItsETag()
    {
        var written = await WriteAsync(Key, State("one"));
        var read = await ReadAsync(Key);
        Assert.True(written.RecordExists);
        Assert.True(read.RecordExists);
        Assert.NotNull(written.ETag);
        Assert.Equal((written.State, written.ETag), (read.State, read.ETag));
    }

    [Fact]
    public async Task Write_Again_ChangesTheETag()
    {
        var state = await WriteAsync(Key, State("one"));
        var first = state.ETag;
        state.State = Entry("two");
        await WriteAsync(Key, state);
        Assert.NotEqual(first, state.ETag);
        Assert.Equal(("two", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Write_WithoutETagOverAStoredState_IsRefusedAndChangesNothing()
    {
        var first = await WriteAsync(Key, State("first"));
        var second = State("second");
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(Key, second));
        Assert.Null(second.ETag);
        Assert.Equal(("first", first.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Write_WithAnETagThatWasReplaced_IsRefusedAndChangesNothing()
    {
        var state = await WriteAsync(Key, State("first"));
        var stale = State("late", state.ETag);
        state.State = Entry("second");
        await WriteAsync(Key, state);

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(Key, stale));

        Assert.Equal(("second", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Write_FirstOnesAtOnce_OneWins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => TryWriteAsync(Key, State($"{number}"))));
        var winner = Assert.Single(outcomes, outcome => outcome is not null);
        Assert.Equal(Describe(winner!), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Write_NextOnesAtOnce_OneWins()
    {
        var first = await WriteAsync(Key, State("first"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => TryWriteAsync(Key, State($"{number}", first.ETag))));
        var winner = Assert.Single(outcomes, outcome => outcome is not null);
        Assert.Equal(Describe(winner!), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Write_ManyGrainsAtOnce_EachHasItsOwn()
    {
        var run = $"test-{Guid.NewGuid():N}";
        var states = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => WriteAsync(run, Grain($"test/{number}"), State($"{number}"))));
        var read = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => ReadAsync(run, Grain($"test/{number}"))));
        Assert.Equal(states.Select(Describe), read.Select(Describe));
    }

    [Fact]
    public async Task Clear_ThenWrite_StartsFromNothingAndRefusesOldETags()
    {
        var state = await WriteAsync(Key, State("first"));
        var old = state.ETag;
        await Storage.ClearStateAsync(StateName, Key, state);
        Assert.False(state.RecordExists);
        Assert.False((await ReadAsync(Key)).RecordExists);

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsync(Key, State("late", old)));

        state.State = Entry("again");
        await WriteAsync(Key, state);
        Assert.Equal(("again", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Clear_WithAnETagThatWasReplaced_IsRefusedAndChangesNothing()
    {
        var state = await WriteAsync(Key, State("first"));
        var stale = State("first", state.ETag);
        stale.RecordExists = true;
        state.State = Entry("second");
        await WriteAsync(Key, state);

        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => Storage.ClearStateAsync(StateName, Key, stale));

        Assert.Equal(("second", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Clear_OfWhatWasNeverWritten_IsQuiet()
    {
        var state = new GrainState<CatalogEntry>();
        await Storage.ClearStateAsync(StateName, Key, state);
        Assert.Null(state.ETag);
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task Write_OfALargeState_IsReadBack()
    {
        var text = new string('x', 5 * 1024 * 1024);
        await WriteAsync(Key, new GrainState<CatalogEntry>(Entry("large") with { SummaryJson = text }));
        Assert.Equal(text, (await ReadAsync(Key)).State!.SummaryJson);
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreKeptApart()
    {
        var run = $"test-{Guid.NewGuid():N}";
        string[] keys =
        [
            "2a", "02a", "2A", "123", "0123", "a+b", "a", "+", "cafe", "1+x", "b1e9f2a0c3d4451fa2b3c4d5e6f70819", "B1E9F2A0C3D4451FA2B3C4D5E6F70819",
            "b1e9f2a0-c3d4-451f-a2b3-c4d5e6f70819", " ", "a ", "'", "ключ", "\U0001F510", new('k', ResourceKey.MaxLength), new('\uffff', ResourceKey.MaxLength),
        ];
        GrainId[] grains = [.. keys.Select(key => Grain(GrainKeys.For(PatternNames.Lock, ResourceKey.Parse(key))))];
        await Task.WhenAll(keys.Zip(grains, (key, grain) => WriteAsync(run, grain, State(key))));
        var read = await Task.WhenAll(grains.Select(grain => ReadAsync(run, grain)));
        Assert.Equal(keys, read.Select(state => state.State?.Status));
    }

    [Fact]
    public async Task Keys_OfOrleansOwnForms_AreKeptApart()
    {
        var run = $"test-{Guid.NewGuid():N}";
        var guid = new Guid("b1e9f2a0-c3d4-451f-a2b3-c4d5e6f70819");
        IdSpan[] keys =
        [
            GrainIdKeyExtensions.CreateIntegerKey(1), GrainIdKeyExtensions.CreateIntegerKey(-1), GrainIdKeyExtensions.CreateIntegerKey(1, "x"),
            GrainIdKeyExtensions.CreateGuidKey(guid), GrainIdKeyExtensions.CreateGuidKey(guid, "x"), IdSpan.Create("x"),
        ];
        GrainId[] grains = [.. keys.Select(key => GrainId.Create(GrainType.Create("test"), key))];
        await Task.WhenAll(grains.Select(grain => WriteAsync(run, grain, State(grain.ToString()))));
        var read = await Task.WhenAll(grains.Select(grain => ReadAsync(run, grain)));
        Assert.Equal(grains.Select(grain => grain.ToString()), read.Select(state => state.State?.Status));
    }

    [Fact]
    public async Task StateNames_AreKeptApart()
    {
        await WriteAsync("one", Key, State("one"));
        Assert.False((await ReadAsync("two", Key)).RecordExists);
    }

    protected static GrainId Grain(string key) => GrainId.Create("test", key);

    protected static CatalogEntry Entry(string status) => new() { Pattern = "test", Key = "k", Status = status, Version = 1 };

    protected static GrainState<CatalogEntry> State(string status, string? eTag = null) => new(Entry(status), eTag!);

    protected static (string? Status, string? ETag) Describe(GrainState<CatalogEntry> state) => (state.State?.Status, state.ETag);

    protected Task<GrainState<CatalogEntry>> ReadAsync(GrainId grain) => ReadAsync(StateName, grain);

    protected async Task<GrainState<CatalogEntry>> ReadAsync(string stateName, GrainId grain)
    {
        var state = new GrainState<CatalogEntry>();
        await Storage.ReadStateAsync(stateName, grain, state, Token);
        return state;
    }

    protected Task<GrainState<CatalogEntry>> WriteAsync(GrainId grain, GrainState<CatalogEntry> state) => WriteAsync(StateName, grain, state);

    protected async Task<GrainState<CatalogEntry>> WriteAsync(string stateName, GrainId grain, GrainState<CatalogEntry> state)
    {
        await Storage.WriteStateAsync(stateName, grain, state, Token);
        return state;
    }

    protected async Task<GrainState<CatalogEntry>?> TryWriteAsync(GrainId grain, GrainState<CatalogEntry> state)
    {
        try
        {
            return await WriteAsync(grain, state);
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }
}
