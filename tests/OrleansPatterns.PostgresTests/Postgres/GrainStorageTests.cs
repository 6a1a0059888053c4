using System.Text;
using Orleans.Storage;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The statements of 002_orleans_persistence.sql, through Orleans' own provider.</summary>
public sealed class GrainStorageTests(StorageSilo silo) : IClassFixture<StorageSilo>
{
    private const string StateName = "test";

    private readonly GrainId _grain = Grain($"test/{Guid.NewGuid():N}");

    private IGrainStorage Storage => silo.Storage;

    [Fact]
    public async Task Read_OfWhatWasNeverWritten_HasNoRecord()
    {
        var state = await ReadAsync(_grain);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task Write_ThenRead_ReturnsTheStateAndItsVersion()
    {
        var written = await WriteAsync(_grain, State("one"));
        var read = await ReadAsync(_grain);
        Assert.True(read.RecordExists);
        Assert.Equal(("1", "1"), (written.ETag, read.ETag));
        Assert.Equal(written.State, read.State);
    }

    [Fact]
    public async Task Write_WithoutETagOverAStoredState_IsRefusedAndChangesNothing()
    {
        await WriteAsync(_grain, State("first"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(_grain, State("second")));
        Assert.Equal(("first", "1"), Describe(await ReadAsync(_grain)));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    [InlineData("-2")]
    public async Task Write_WithAnotherETag_IsRefusedAndChangesNothing(string eTag)
    {
        var state = await WriteAsync(_grain, State("first"));
        state.State = Entry("second");
        await Storage.WriteStateAsync(StateName, _grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(_grain, State("third", eTag)));

        Assert.Equal(("second", "2"), Describe(await ReadAsync(_grain)));
    }

    [Fact]
    public async Task Write_WithAnETagWhereNothingIsStored_IsRefusedAndStoresNothing()
    {
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(_grain, State("one", "1")));
        Assert.False((await ReadAsync(_grain)).RecordExists);
    }

    [Fact]
    public async Task Write_FirstOnesAtOnce_OneWins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => TryWriteAsync(State($"{number}"))));
        var winner = Assert.Single(outcomes, outcome => outcome is not null);
        Assert.Equal((winner!.State!.Status, "1"), Describe(await ReadAsync(_grain)));
        Assert.Equal(1, await silo.DataSource.ScalarAsync<long>($"select count(*) from orleans_storage where grainkeytext = '{_grain.Key}'"));
    }

    [Fact]
    public async Task Write_NextOnesAtOnce_OneWins()
    {
        await WriteAsync(_grain, State("first"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => TryWriteAsync(State($"{number}", "1"))));
        var winner = Assert.Single(outcomes, outcome => outcome is not null);
        Assert.Equal((winner!.State!.Status, "2"), Describe(await ReadAsync(_grain)));
    }

    [Fact]
    public async Task Clear_ThenWrite_GoesOnCountingVersions()
    {
        var state = await WriteAsync(_grain, State("first"));
        await Storage.ClearStateAsync(StateName, _grain, state);
        Assert.Equal("2", state.ETag);
        var read = await ReadAsync(_grain);
        Assert.Equal((false, "2"), (read.RecordExists, read.ETag));

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(_grain, State("late", "1")));
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(_grain, State("late")));
        Assert.Equal("3", (await WriteAsync(_grain, State("again", "2"))).ETag);
        Assert.Equal(("again", "3"), Describe(await ReadAsync(_grain)));
    }

    [Fact]
    public async Task Clear_WithAnotherETag_IsRefusedAndChangesNothing()
    {
        await WriteAsync(_grain, State("first"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync(StateName, _grain, State("first", "2")));
        Assert.Equal(("first", "1"), Describe(await ReadAsync(_grain)));
    }

    [Fact]
    public async Task Clear_OfWhatWasNeverWritten_IsQuiet()
    {
        var state = new GrainState<CatalogEntry>();
        await Storage.ClearStateAsync(StateName, _grain, state);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task Write_OfTheHighestVersion_StartsAgainAtOne()
    {
        await WriteAsync(_grain, State("first"));
        await silo.DataSource.ExecuteAsync($"update orleans_storage set version = {int.MaxValue} where grainkeytext = '{_grain.Key}'");
        Assert.Equal("1", (await WriteAsync(_grain, State("next", $"{int.MaxValue}"))).ETag);
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreKeptApart()
    {
        var run = Guid.NewGuid().ToString("N");
        string[] keys =
        [
            "2a", "02a", "2A", "123", "0123", "a+b", "a", "+", "cafe", "1+x", "b1e9f2a0c3d4451fa2b3c4d5e6f70819", "B1E9F2A0C3D4451FA2B3C4D5E6F70819",
            "b1e9f2a0-c3d4-451f-a2b3-c4d5e6f70819", " ", "a ", "'", "ключ", "\U0001F510", new('k', ResourceKey.MaxLength), new('\uffff', ResourceKey.MaxLength),
        ];
        foreach (var key in keys)
        {
            await WriteAsync(StateIn(run), Grain(GrainKeys.For(PatternNames.Lock, ResourceKey.Parse(key))), State(key));
        }

        foreach (var key in keys)
        {
            var read = await ReadAsync(StateIn(run), Grain(GrainKeys.For(PatternNames.Lock, ResourceKey.Parse(key))));
            Assert.Equal((key, "1"), Describe(read));
        }
    }

    [Fact]
    public async Task Keys_OfOrleansOwnForms_AreKeptApart()
    {
        var run = StateIn(Guid.NewGuid().ToString("N"));
        var guid = new Guid("b1e9f2a0-c3d4-451f-a2b3-c4d5e6f70819");
        IdSpan[] keys =
        [
            GrainIdKeyExtensions.CreateIntegerKey(1), GrainIdKeyExtensions.CreateIntegerKey(-1), GrainIdKeyExtensions.CreateIntegerKey(1, "x"),
            GrainIdKeyExtensions.CreateGuidKey(guid), GrainIdKeyExtensions.CreateGuidKey(guid, "x"), IdSpan.Create("x"),
        ];
        GrainId[] grains = [.. keys.Select(key => GrainId.Create(GrainType.Create("test"), key))];
        foreach (var grain in grains)
        {
            await WriteAsync(run, grain, State(grain.ToString()));
        }

        foreach (var grain in grains)
        {
            Assert.Equal((grain.ToString(), "1"), Describe(await ReadAsync(run, grain)));
        }
    }

    [Fact]
    public async Task StateNames_AreKeptApart()
    {
        await WriteAsync("one", _grain, State("one"));
        Assert.False((await ReadAsync("two", _grain)).RecordExists);
    }

    /// <summary>So that moving or renaming a state's type is no migration: its alias is what is stored, if anything.</summary>
    [Fact]
    public async Task Payload_HoldsNoClrTypeName()
    {
        await WriteAsync(_grain, State("first"));
        var payload = Encoding.UTF8.GetString(
            await silo.DataSource.ScalarAsync<byte[]>($"select payloadbinary from orleans_storage where grainkeytext = '{_grain.Key}'"));
        Assert.Contains("first", payload, StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(CatalogEntry).FullName!, payload, StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(CatalogEntry).Assembly.GetName().Name + ",", payload, StringComparison.Ordinal);
    }

    private static string StateIn(string run) => $"test-{run}";

    private static GrainId Grain(string key) => GrainId.Create("test", key);

    private static CatalogEntry Entry(string status) => new() { Pattern = "test", Key = "k", Status = status, Version = 1 };

    private static GrainState<CatalogEntry> State(string status, string? eTag = null) => new(Entry(status), eTag!);

    private static (string? Status, string? ETag) Describe(GrainState<CatalogEntry> state) => (state.State?.Status, state.ETag);

    private Task<GrainState<CatalogEntry>> ReadAsync(GrainId grain) => ReadAsync(StateName, grain);

    private async Task<GrainState<CatalogEntry>> ReadAsync(string stateName, GrainId grain)
    {
        var state = new GrainState<CatalogEntry>();
        await Storage.ReadStateAsync(stateName, grain, state);
        return state;
    }

    private Task<GrainState<CatalogEntry>> WriteAsync(GrainId grain, GrainState<CatalogEntry> state) => WriteAsync(StateName, grain, state);

    private async Task<GrainState<CatalogEntry>> WriteAsync(string stateName, GrainId grain, GrainState<CatalogEntry> state)
    {
        await Storage.WriteStateAsync(stateName, grain, state);
        return state;
    }

    private async Task<GrainState<CatalogEntry>?> TryWriteAsync(GrainState<CatalogEntry> state)
    {
        try
        {
            return await WriteAsync(_grain, state);
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }
}
