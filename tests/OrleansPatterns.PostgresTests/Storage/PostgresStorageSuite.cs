using System.Globalization;
using System.Text;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>What both providers on PostgreSQL must do with the rows, and with rows that the other one wrote.</summary>
public abstract class PostgresStorageSuite(StorageSilo silo, string name, string other) : GrainStorageSuite(silo, name)
{
    private IGrainStorage Deleting { get; } = silo.Storage(name + StorageSilo.Deleting);

    private IGrainStorage Other { get; } = silo.Storage(other);

    [Fact]
    public async Task Rows_OfTheOtherProvider_AreReadWrittenAndCleared()
    {
        var state = State("one");
        await Other.WriteStateAsync(StateName, Key, state, Token);
        Assert.Equal(("one", state.ETag), Describe(await ReadAsync(Key)));

        state.State = Entry("two");
        await WriteAsync(Key, state);
        var read = new GrainState<CatalogEntry>();
        await Other.ReadStateAsync(StateName, Key, read, Token);
        Assert.Equal(("two", state.ETag), Describe(read));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Other.WriteStateAsync(StateName, Key, State("late"), Token));

        await Other.ClearStateAsync(StateName, Key, read, Token);
        var cleared = await ReadAsync(Key);
        Assert.Equal((false, read.ETag), (cleared.RecordExists, cleared.ETag));

        cleared.State = Entry("three");
        await WriteAsync(Key, cleared);
        await Other.ReadStateAsync(StateName, Key, read, Token);
        Assert.Equal(("three", cleared.ETag), Describe(read));
        Assert.Equal(1, await RowsAsync());
    }

    [Fact]
    public async Task Rows_OfEveryKeyForm_AreThoseOfTheOtherProvider()
    {
        var run = $"test-{Guid.NewGuid():N}";
        var guid = Guid.NewGuid();
        GrainId[] grains =
        [
            Grain("plain"), Grain("2a"), Grain("02a"), Grain("a+b"), Grain("+"), Grain("x+"), Grain("ключ"),
            GrainId.Create(GrainType.Create("test"), GrainIdKeyExtensions.CreateIntegerKey(long.MinValue)),
            GrainId.Create(GrainType.Create("test"), GrainIdKeyExtensions.CreateIntegerKey(7, "x")),
            GrainId.Create(GrainType.Create("test"), GrainIdKeyExtensions.CreateGuidKey(guid)),
            GrainId.Create(GrainType.Create("test"), GrainIdKeyExtensions.CreateGuidKey(guid, "x+y")),
        ];
        foreach (var grain in grains)
        {
            var own = await ReadAsync(run, grain);
            own.State = Entry(grain.ToString());
            await WriteAsync(run, grain, own);
            var read = new GrainState<CatalogEntry>();
            await Other.ReadStateAsync(run, grain, read, Token);
            Assert.Equal((grain.ToString(), own.ETag), Describe(read));
        }
    }

    [Fact]
    public async Task Write_EachTime_AddsOneToTheVersion()
    {
        var state = await WriteAsync(Key, State("one"));
        var first = int.Parse(state.ETag!, CultureInfo.InvariantCulture);
        await WriteAsync(Key, state);
        await Storage.ClearStateAsync(StateName, Key, state, Token);
        Assert.Equal(first + 2, int.Parse(state.ETag!, CultureInfo.InvariantCulture));
        Assert.Equal(first + 2, await Silo.DataSource.ScalarAsync<int>($"select version from orleans_storage where grainkeytext = '{Key.Key}'"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task Write_WithAnotherVersion_IsRefusedAndChangesNothing(int offset)
    {
        var state = await WriteAsync(Key, State("first"));
        var version = int.Parse(state.ETag!, CultureInfo.InvariantCulture);
        var wrong = (offset == int.MinValue ? -version : version + offset).ToString(CultureInfo.InvariantCulture);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(Key, State("late", wrong)));
        Assert.Equal(("first", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-2")]
    [InlineData("2147483647")]
    public async Task Write_WithAnETagWhereNothingIsStored_IsRefusedAndStoresNothing(string eTag)
    {
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(Key, State("one", eTag)));
        Assert.Equal(0, await RowsAsync());
    }

    [Fact]
    public async Task Write_OfTheHighestVersion_StartsAgainAtOne()
    {
        await WriteAsync(Key, State("first"));
        await Silo.DataSource.ExecuteAsync($"update orleans_storage set version = {int.MaxValue} where grainkeytext = '{Key.Key}'");
        Assert.Equal("1", (await WriteAsync(Key, State("next", $"{int.MaxValue}"))).ETag);
    }

    [Fact]
    public async Task Clear_WithDeleteStateOnClear_RemovesTheRow()
    {
        var state = State("one");
        await Deleting.WriteStateAsync(StateName, Key, state, Token);
        await Deleting.ClearStateAsync(StateName, Key, state, Token);
        Assert.Equal((false, null), (state.RecordExists, state.ETag));
        Assert.Equal(0, await RowsAsync());

        state.State = Entry("again");
        await Deleting.WriteStateAsync(StateName, Key, state, Token);
        Assert.Equal(("again", state.ETag), Describe(await ReadAsync(Key)));
    }

    [Fact]
    public async Task Clear_WithDeleteStateOnClearAndAnotherVersion_IsRefusedAndRemovesNothing()
    {
        var state = await WriteAsync(Key, State("one"));
        var stale = State("one", state.ETag);
        stale.RecordExists = true;
        await WriteAsync(Key, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Deleting.ClearStateAsync(StateName, Key, stale, Token));
        Assert.Equal(("one", state.ETag), Describe(await ReadAsync(Key)));
    }

    /// <summary>So that moving or renaming a state's type is no migration: its alias is what is stored, if anything.</summary>
    [Fact]
    public async Task Payload_HoldsNoClrTypeName()
    {
        await WriteAsync(Key, State("first"));
        var payload = Encoding.UTF8.GetString(
            await Silo.DataSource.ScalarAsync<byte[]>($"select payloadbinary from orleans_storage where grainkeytext = '{Key.Key}'"));
        Assert.Contains("first", payload, StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(CatalogEntry).FullName!, payload, StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(CatalogEntry).Assembly.GetName().Name + ",", payload, StringComparison.Ordinal);
    }

    protected Task<long> RowsAsync() => Silo.DataSource.ScalarAsync<long>($"select count(*) from orleans_storage where grainkeytext = '{Key.Key}'");
}
