using Orleans.Storage;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Storage;

public sealed class GroupCommitGrainStorageTests(StorageSilo silo)
    : PostgresStorageSuite(silo, StorageSilo.GroupCommit, other: StorageSilo.AdoNet), IClassFixture<StorageSilo>
{
    /// <summary>
    /// The trap of counting versions from 1: delete, write anew as often as before, and an old version would fit again. New rows
    /// begin at a random version; the chance to meet the same 16 in a row here is that of one in 2^30, each.
    /// </summary>
    [Fact]
    public async Task Write_AfterTheRowWasDeletedAndWrittenAnew_RefusesTheVersionsFromBefore()
    {
        var storage = Silo.Storage(StorageSilo.GroupCommit + StorageSilo.Deleting);
        var seen = new HashSet<string>();
        for (var life = 0; life < 16; life++)
        {
            var state = State("one");
            await storage.WriteStateAsync(StateName, Key, state, Token);
            foreach (var version in seen)
            {
                await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(Key, State("late", version)));
            }

            Assert.True(seen.Add(state.ETag!));
            await storage.ClearStateAsync(StateName, Key, state, Token);
        }
    }

    /// <summary>Rows of every kind in one batch: each caller gets its own answer.</summary>
    [Fact]
    public async Task Batch_OfWinnersLosersClearsAndDeletes_AnswersEachAlone()
    {
        var run = $"test-{Guid.NewGuid():N}";
        var storage = Silo.Storage(StorageSilo.GroupCommit + StorageSilo.Deleting);
        var stored = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => WriteAsync(run, Grain($"test/{number}"), State("old"))));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(async number =>
        {
            var state = (number % 4) switch
            {
                0 => State("new", stored[number / 2].ETag),
                1 => State("wrong", "1073741825"),
                2 => State("gone", stored[number / 2].ETag),
                _ => State("fresh"),
            };
            state.RecordExists = number % 4 == 2;
            var grain = Grain((number % 4) switch
            {
                0 or 2 => $"test/{number / 2}",
                1 => $"test/missing-{number}",
                _ => $"test/fresh-{number}",
            });
            try
            {
                await (number % 4 == 2 ? storage.ClearStateAsync(run, grain, state, Token) : storage.WriteStateAsync(run, grain, state, Token));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Equal(Enumerable.Range(0, 400).Select(number => number % 4 != 1), outcomes);
        Assert.Equal(
            ["fresh-", "test/ new"],
            await Silo.DataSource.RowsAsync(
                $"""
                select case when grainkeytext like 'test/fresh-%' then 'fresh-' else 'test/ new' end as kind
                from orleans_storage where statename = '{run}' group by 1 having count(*) = 100 order by 1
                """));
        Assert.Equal(200, await Silo.DataSource.ScalarAsync<long>($"select count(*) from orleans_storage where statename = '{run}'"));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public async Task Write_WithAnETagOfAnotherStorage_SaysSo(string eTag)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(Key, State("one", eTag)));
        Assert.StartsWith(
            $"The ETag '{eTag}' of state 'test' of '{Key.Key}' is no version of this storage, which are numbers. Read the state from it before writing.",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test/\0")]
    [InlineData("test/a\0b")]
    public async Task Key_ThatPostgresCannotHold_IsRefusedBeforeItIsQueued(string key)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(Grain(key), State("one")));
        Assert.StartsWith($"'{key}' holds U+0000 or half of a surrogate pair, which text in PostgreSQL cannot hold.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\0b", "holds U+0000")]
    [InlineData("List`1[[System.Int32]]", "holds a backtick")]
    public async Task StateName_ThatCannotBeStored_IsRefusedBeforeItIsQueued(string stateName, string expected)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(stateName, Key, State("one")));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StateName_WithHalfASurrogatePair_IsRefusedBeforeItIsQueued() =>
        await Assert.ThrowsAsync<ArgumentException>("stateName", () => WriteAsync("a" + (char)0xd800, Key, State("one")));

    /// <summary>The same text in an error of any form of key, since it is what an operator will search for.</summary>
    [Fact]
    public async Task Conflict_NamesStateKeyAndVersion()
    {
        var guid = new Guid("b1e9f2a0-c3d4-451f-a2b3-c4d5e6f70819");
        (IdSpan Key, string Text)[] keys =
        [
            (IdSpan.Create("lock/x"), "'lock/x'"),
            (GrainIdKeyExtensions.CreateIntegerKey(-7), "-7"),
            (GrainIdKeyExtensions.CreateIntegerKey(7, "x"), "7+x"),
            (GrainIdKeyExtensions.CreateGuidKey(guid, "x"), $"{guid}+x"),
        ];
        foreach (var (key, text) in keys)
        {
            var exception = await Assert.ThrowsAsync<InconsistentStateException>(
                () => WriteAsync("names", GrainId.Create(GrainType.Create("test"), key), State("one", "5")));
            Assert.Equal(
                $"state 'names' of {text} was not written: version 5 is not the stored one. Another activation wrote in between; read again.",
                exception.Message);
        }
    }

    [Fact]
    public async Task Cancelled_BeforeItIsSent_IsNotWritten()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Storage.WriteStateAsync(StateName, Key, State("one"), new CancellationToken(canceled: true)));
        Assert.Equal(0, await RowsAsync());
    }
}
