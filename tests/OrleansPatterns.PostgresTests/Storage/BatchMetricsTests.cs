using Orleans.Storage;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Tests.Telemetry;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>What batches tell of themselves: one at a time, held up by somebody's lock, so that the test knows what is in each.</summary>
public sealed class BatchMetricsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_ThatAreCollected_AreOneBatch_AndWaitInTheQueueUntilThen()
    {
        using var storage = OneAtATime();
        using var metrics = new RecordedMetrics(storage.Services);
        var first = await storage.WriteAsync($"{_run}/blocked", 1);
        await using var rowLock = await RowLock.TakeAsync(database.DataSource, $"{_run}/blocked");
        Task[] writes = [storage.WriteAsync($"{_run}/blocked", 2, first.ETag)];
        await database.DataSource.WaitForLockedSessionsAsync(1);
        writes = [.. writes, .. Enumerable.Range(0, 20).Select(number => storage.WriteAsync($"{_run}/{number}", number))];
        Assert.Equal([("kind=state_read", 0), ("kind=state_write", 21)], metrics.Read("storage.queue.length"));

        await rowLock.ReleaseAsync();
        await Task.WhenAll(writes).WaitAsync(TimeSpan.FromSeconds(30), Token);
        await storage.ReadAsync($"{_run}/0");

        Assert.Equal([("kind=state_write", 1), ("kind=state_write", 1), ("kind=state_write", 20), ("kind=state_read", 1)], metrics.Of("storage.batch.size"));
        Assert.Equal(
            ["kind=state_write fault=none", "kind=state_write fault=none", "kind=state_write fault=none", "kind=state_read fault=none"],
            metrics.Of("storage.batch.duration").Select(each => each.Tags));
        Assert.All(metrics.Of("storage.batch.duration"), each => Assert.InRange(each.Value, 0.000_01, 30));
        Assert.Equal([("kind=state_read", 0), ("kind=state_write", 0)], metrics.Read("storage.queue.length"));
        Assert.Empty(metrics.Of("storage.conflicts"));
    }

    [Fact]
    public async Task Write_OverAnotherVersion_OrOfWhatIsThere_IsAConflict()
    {
        using var storage = OneAtATime();
        using var metrics = new RecordedMetrics(storage.Services);
        var first = await storage.WriteAsync($"{_run}/a", 1);
        await storage.WriteAsync($"{_run}/a", 2, first.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync($"{_run}/a", 3, first.ETag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync($"{_run}/a", 3));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync($"{_run}/nothing", 3, first.ETag));

        Assert.Equal([("", 1), ("", 1), ("", 1)], metrics.Of("storage.conflicts"));
    }

    [Fact]
    public async Task Batch_ThatTheServerRefuses_SaysWhy()
    {
        using var storage = OneAtATime(options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        using var metrics = new RecordedMetrics(storage.Services);
        var first = await storage.WriteAsync($"{_run}/blocked", 1);
        await using var rowLock = await RowLock.TakeAsync(database.DataSource, $"{_run}/blocked");
        var write = storage.WriteAsync($"{_run}/blocked", 2, first.ETag);
        await metrics.CountAsync("storage.batch.duration", 2);
        await rowLock.ReleaseAsync();
        await write.WaitAsync(TimeSpan.FromSeconds(30), Token);

        var told = metrics.Of("storage.batch.duration").Select(each => each.Tags).ToList();
        Assert.Equal(("kind=state_write fault=none", "kind=state_write fault=too_slow", "kind=state_write fault=none"), (told[0], told[1], told[^1]));
        Assert.Equal([("kind=state_write", 1), ("kind=state_write", 1)], metrics.Of("storage.batch.size"));
    }

    private StandaloneStorage OneAtATime(Action<OrleansPatterns.Postgres.Storage.GroupCommitGrainStorageOptions>? configure = null) => new(
        database.DataSource,
        options =>
        {
            options.MaxConcurrentBatches = 1;
            configure?.Invoke(options);
        });
}
