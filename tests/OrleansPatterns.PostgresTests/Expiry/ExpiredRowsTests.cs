using OrleansPatterns.Postgres.Expiry;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.PostgresTests.Storage;
using static OrleansPatterns.PostgresTests.Expiry.SweepFixtures;

namespace OrleansPatterns.PostgresTests.Expiry;

public sealed class ExpiredRowsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    /// <summary>Each test has rows of its own.</summary>
    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("expired", "-11 minutes", "-11 minutes", 1, null)]
    [InlineData("expired long ago", "-366 days", "-367 days", 1, null)]
    [InlineData("expired, but perhaps not by the clock of a silo", "-9 minutes", "-1 hour", 1, "due later")]
    [InlineData("not expired", "1 hour", "-1 hour", 1, "due later")]
    [InlineData("written within the longest lease", "-1 hour", "-9 minutes", 1, "due later")]
    [InlineData("of a state that stays", null, "-1 hour", 1, "")]
    [InlineData("written since, by one who does not know of expiry", "-1 hour", "-1 hour", 2, "")]
    [InlineData("never written by one who does", "-1 hour", "-1 hour", null, "")]
    public async Task Row_GoesOnlyWhenItHasExpired(string row, string? expires, string modified, int? expiresVersion, string? expected)
    {
        await InsertAsync(row, expires, modified, expiresVersion);
        var batch = await Rows(database.DataSource, _service).RemoveBatchAsync(Token);
        Assert.Equal((true, expected is null ? 1 : 0), (batch.HadTurn, batch.Removed));
        Assert.Equal(
            expected is null ? [] : [expected],
            await database.DataSource.RowsAsync(
                $"select case when expiresat is not null then 'due later' end from orleans_storage where serviceid = '{_service}'"));
    }

    [Theory]
    [InlineData("-1 second", true)]
    [InlineData("1 hour", false)]
    [InlineData(null, false)]
    public async Task RowOfTheCatalog_GoesWhenItHasExpired(string? expires, bool isRemoved)
    {
        await database.DataSource.ExecuteAsync(
            $"""
            insert into orleanspatterns_catalog (service_id, pattern, key, status, summary, expires_at, version, updated_at)
            values ('{_service}', 'lock', 'k', 'Held', '{"{}"}', now() + {(expires is null ? "null" : $"interval '{expires}'")}, 1, now())
            """);
        Assert.Equal(isRemoved ? 1 : 0, (await Rows(database.DataSource, _service).RemoveBatchAsync(Token)).Removed);
        Assert.Equal(isRemoved ? 0 : 1, await database.DataSource.ScalarAsync<long>($"select count(*) from orleanspatterns_catalog where service_id = '{_service}'"));
    }

    [Fact]
    public async Task Rows_OfAnotherService_StayToIt()
    {
        await InsertAsync("row", "-1 hour", "-1 hour");
        Assert.Equal(0, (await Rows(database.DataSource, $"other-{_service}").RemoveBatchAsync(Token)).Removed);
        Assert.Equal(["row"], await KeysAsync());
    }

    [Fact]
    public async Task Batches_TakeTheOldestFirst_AndTheLastIsNotFull()
    {
        foreach (var number in new[] { 3, 1, 5, 2, 4 })
        {
            await InsertAsync($"{number}", $"{number - 9} hours", "-1 day");
        }

        var rows = Rows(database.DataSource, _service, batchSize: 2);
        Assert.Equal((true, 2), Describe(await rows.RemoveBatchAsync(Token)));
        Assert.Equal(["3", "4", "5"], await KeysAsync());
        Assert.Equal((true, 2), Describe(await rows.RemoveBatchAsync(Token)));
        Assert.Equal((false, 1), Describe(await rows.RemoveBatchAsync(Token)));
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Row_ThatSomebodyHasLocked_IsLeftToTheNextRound()
    {
        var key = $"locked {_service}";
        await InsertAsync(key, "-2 hours", "-1 day");
        await InsertAsync("free", "-1 hour", "-1 day");
        var rows = Rows(database.DataSource, _service);
        await using (var held = await RowLock.TakeAsync(database.DataSource, key))
        {
            Assert.Equal(1, (await rows.RemoveBatchAsync(Token)).Removed);
            Assert.Equal([key], await KeysAsync());
            await held.ReleaseAsync();
        }

        Assert.Equal(1, (await rows.RemoveBatchAsync(Token)).Removed);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Batch_WhileAnotherSiloIsAtIt_DoesNothing()
    {
        await InsertAsync("row", "-1 hour", "-1 day");
        await using var gate = await DeleteGate.CloseAsync(database.DataSource, "row");
        var first = Rows(database.DataSource, _service).RemoveBatchAsync(Token);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        await InsertAsync("another row", "-1 hour", "-1 day");

        var second = await Rows(database.DataSource, _service).RemoveBatchAsync(Token);
        Assert.Equal((false, false, 0), (second.HadTurn, second.IsFull, second.Removed));

        await gate.OpenAsync();
        Assert.Equal(1, (await first).Removed);
        Assert.Equal(["another row"], await KeysAsync());
        Assert.Equal(1, (await Rows(database.DataSource, _service).RemoveBatchAsync(Token)).Removed);
    }

    private static (bool IsFull, int Removed) Describe(SweptBatch batch) => (batch.IsFull, batch.Removed);

    private Task InsertAsync(string key, string? expires, string modified, int? expiresVersion = 1) =>
        InsertRowAsync(database.DataSource, _service, key, expires, modified, expiresVersion);

    private Task<IReadOnlyList<string>> KeysAsync() =>
        database.DataSource.RowsAsync($"select grainkeytext from orleans_storage where serviceid = '{_service}' order by 1");
}
