using Npgsql;
using Orleans.Storage;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Server.Idempotency;
using static OrleansPatterns.PostgresTests.Expiry.SweepFixtures;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>The time that the group-commit storage keeps beside a state, and what other writers make of it.</summary>
public sealed class StateExpiryTests(StorageSilo silo) : IClassFixture<StorageSilo>
{
    private readonly GrainId _grain = GrainId.Create("test", $"test/{Guid.NewGuid():N}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainStorage Storage => silo.Storage(StorageSilo.GroupCommit);

    [Theory]
    [InlineData("2030-01-01T10:00:00.0000001Z", "2030-01-01T11:00:00Z")]
    [InlineData("2030-01-01T10:59:59Z", "2030-01-01T11:00:00Z")]
    [InlineData("2030-01-01T11:00:00Z", "2030-01-01T11:00:00Z")]
    [InlineData("2030-01-01T11:00:00+01:30", "2030-01-01T10:00:00Z")]
    [InlineData("9999-12-31T22:59:59Z", "9999-12-31T23:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z", null)]
    public void Time_IsKeptInUtcUpToTheFullHour(string removableFrom, string? expected)
    {
        var write = new StateWrite(StateKey.Of("test", _grain), null, [], isDelete: false, DateTimeOffset.Parse(removableFrom));
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected).UtcDateTime, write.ExpiresAt);
        Assert.Equal(DateTimeKind.Utc, write.ExpiresAt?.Kind ?? DateTimeKind.Utc);
    }

    [Fact]
    public async Task Row_HasTheTimeOfItsStateAsLongAsThatHasOne()
    {
        var state = await WriteAsync(Completed("2030-01-01T10:20:00Z"));
        Assert.Equal(["2030-01-01 11:00:00 | True"], await ExpiryAsync());

        state.State = Completed("2031-01-01T10:20:00Z");
        await WriteAsync(state);
        Assert.Equal(["2031-01-01 11:00:00 | True"], await ExpiryAsync());

        state.State = state.State with { Status = ExecutionStatus.Parked };
        await WriteAsync(state);
        Assert.Equal([" | True"], await ExpiryAsync());

        state.State = Completed("2030-01-01T10:20:00Z");
        await WriteAsync(state);
        await Storage.ClearStateAsync("test", _grain, state, Token);
        Assert.Equal([" | True"], await ExpiryAsync());
    }

    [Fact]
    public async Task Rows_OfOneBatch_HaveEachItsOwnTime()
    {
        var run = $"test-{Guid.NewGuid():N}";
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Storage.WriteStateAsync(
            run,
            GrainId.Create("test", $"test/{number:000}"),
            number % 3 == 0
                ? new GrainState<IdempotencyRecord>(new IdempotencyRecord { Status = ExecutionStatus.Parked })
                : new GrainState<IdempotencyRecord>(Completed($"{2030 + number}-01-01T10:00:00Z")),
            Token)));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(number => number % 3 == 0 ? " | True" : $"{2030 + number} | True"),
            await silo.DataSource.RowsAsync(
                $"""
                select extract(year from expiresat at time zone 'utc')::text, version = expiresversion
                from orleans_storage where statename = '{run}' order by grainkeytext
                """));
    }

    /// <summary>Also what a silo of an earlier build does: such writers leave the column as it is, and the sweeper knows by the version.</summary>
    [Fact]
    public async Task WriteOfTheAdoNetProvider_MakesTheTimeStale_AndTheRowStays()
    {
        var state = await WriteAsync(Completed("2001-01-01T10:20:00Z"));
        await silo.Storage(StorageSilo.AdoNet).WriteStateAsync("test", _grain, state, Token);
        await WriteIsLongAgoAsync();

        Assert.Equal(0, (await Rows(silo.DataSource, "tests").RemoveBatchAsync(Token)).Removed);
        Assert.Equal([" | False"], await ExpiryAsync());

        await WriteAsync(state);
        Assert.Equal(["2001-01-01 11:00:00 | True"], await ExpiryAsync());
        await WriteIsLongAgoAsync();
        Assert.Equal(1, (await Rows(silo.DataSource, "tests").RemoveBatchAsync(Token)).Removed);
    }

    /// <summary>As one that another activation has written since: the grain reads again, and finds none.</summary>
    [Fact]
    public async Task Write_OverARowThatWasRemoved_IsRefused()
    {
        var state = await WriteAsync(Completed("2001-01-01T10:20:00Z"));
        await WriteIsLongAgoAsync();
        Assert.Equal(1, (await Rows(silo.DataSource, "tests").RemoveBatchAsync(Token)).Removed);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(state));
        var read = new GrainState<IdempotencyRecord>();
        await Storage.ReadStateAsync("test", _grain, read, Token);
        Assert.Equal((false, null), (read.RecordExists, read.ETag));
    }

    /// <summary>What the rounding is for: begin, renewals and completion of a key usually leave the index alone.</summary>
    [Fact]
    public async Task Writes_ThatLeaveTheHourAsItIs_StayInPlace()
    {
        // A session of its own: in a pooled one the numbers can still hold those of transactions before.
        await using var connection = new NpgsqlConnection($"{silo.ConnectionString};Pooling=false");
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var statement = new StateWriteStatement("tests");
        var first = await WriteAsync(null, "2030-01-01T10:01:00Z");
        var second = await WriteAsync(first.NewVersion, "2030-01-01T10:02:00Z");
        var third = await WriteAsync(second.NewVersion, "2030-01-01T11:00:00Z");
        Assert.Equal(["2 | 2"], await UpdatesAsync());
        await WriteAsync(third.NewVersion, "2030-01-01T11:00:01Z");
        Assert.Equal(["3 | 2"], await UpdatesAsync());

        async Task<StateWrite> WriteAsync(int? expected, string removableFrom)
        {
            var write = new StateWrite(StateKey.Of("test", _grain), expected, [1], isDelete: false, DateTimeOffset.Parse(removableFrom));
            await statement.ExecuteAsync(connection, [write], TimeSpan.FromSeconds(5));
            return write;
        }

        async Task<IReadOnlyList<string>> UpdatesAsync()
        {
            await using var count = new NpgsqlCommand(
                "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'orleans_storage'", connection);
            return await count.RowsAsync();
        }
    }

    private static IdempotencyRecord Completed(string expiresAt) =>
        new() { Status = ExecutionStatus.Completed, ExpiresAt = DateTimeOffset.Parse(expiresAt) };

    private Task<GrainState<IdempotencyRecord>> WriteAsync(IdempotencyRecord record) => WriteAsync(new GrainState<IdempotencyRecord>(record));

    private async Task<GrainState<IdempotencyRecord>> WriteAsync(GrainState<IdempotencyRecord> state)
    {
        await Storage.WriteStateAsync("test", _grain, state, Token);
        return state;
    }

    private Task WriteIsLongAgoAsync() => silo.DataSource.ExecuteAsync(
        $"update orleans_storage set modifiedat = now() - interval '1 hour' where grainkeytext = '{_grain.Key}'");

    private Task<IReadOnlyList<string>> ExpiryAsync() => silo.DataSource.RowsAsync(
        $"""
        select to_char(expiresat at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS'), version = expiresversion
        from orleans_storage where grainkeytext = '{_grain.Key}'
        """);
}
