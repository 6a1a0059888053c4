using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Storage;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>
/// One batch at a time, held up by somebody's lock on its row: what comes meanwhile is in the queue, and goes out as one batch when the
/// lock is released.
/// </summary>
public sealed class GroupCommitQueueTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Blocked => $"{_run}/blocked";

    [Fact]
    public async Task PoisonRow_InABatch_FailsAloneAndItsCallerLearnsWhy()
    {
        using var storage = OneAtATime();
        await using var held = await HoldAsync(storage);
        var poison = $"{_run}/{Convert.ToHexString(RandomNumberGenerator.GetBytes(4000))}";
        var poisoned = storage.WriteAsync(poison, 1);
        var others = Enumerable.Range(0, 100).Select(number => storage.WriteAsync($"{_run}/{number}", number)).ToArray();
        await held.ReleaseAsync();

        var exception = await Assert.ThrowsAsync<StateNotWrittenException>(() => poisoned);
        Assert.False(exception.IsTransient);
        Assert.Contains("index row size", exception.Message, StringComparison.Ordinal);
        await Task.WhenAll(others);
        Assert.Equal(101, await CountAsync());
    }

    [Fact]
    public async Task Row_ThatIsLocked_DoesNotHoldUpTheOthersOfItsBatch()
    {
        using var storage = OneAtATime(options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        await using var held = await HoldAsync(storage);
        var others = Enumerable.Range(0, 20).Select(number => storage.WriteAsync($"{_run}/{number}", number)).ToArray();
        var first = await storage.WriteAsync($"{_run}/also", 1);
        await using var locked = await RowLock.TakeAsync(database.DataSource, $"{_run}/also");
        var alsoBlocked = storage.WriteAsync($"{_run}/also", 2, first.ETag);
        await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.False(held.Write.IsCompleted);
        Assert.False(alsoBlocked.IsCompleted);

        await held.ReleaseAsync();
        await locked.ReleaseAsync();
        await alsoBlocked;
    }

    /// <summary>Every part of the batch is too slow as well: trying them all one after the other would take a minute.</summary>
    [Fact]
    public async Task Table_ThatIsLocked_KeepsNobodyWaitingMuchLongerThanTheTimeout()
    {
        using var storage = OneAtATime(options => (options.CommandTimeout, options.Timeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        await using var locked = await RowLock.TakeTableAsync(database.DataSource);
        var first = storage.WriteAsync($"{_run}/first", 1);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        Task[] writes = [first, .. Enumerable.Range(0, 64).Select(number => storage.WriteAsync($"{_run}/{number}", number))];

        await Task.WhenAll(writes.Select(write => Assert.ThrowsAsync<StateNotWrittenException>(() => write)))
            .WaitAsync(TimeSpan.FromSeconds(15), Token);

        await locked.ReleaseAsync();
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task SameKey_TwiceInTheQueue_GoesOutInOrder()
    {
        using var storage = OneAtATime();
        var first = await storage.WriteAsync($"{_run}/twice", 1);
        var version = int.Parse(first.ETag!, System.Globalization.CultureInfo.InvariantCulture);
        await using var held = await HoldAsync(storage);
        var writes = Enumerable.Range(0, 5).Select(number => storage.WriteAsync($"{_run}/twice", number + 2, $"{version + number}")).ToArray();
        await held.ReleaseAsync();
        await Task.WhenAll(writes);
        var stored = await storage.ReadAsync($"{_run}/twice");
        Assert.Equal((6, $"{version + 5}"), (stored.State!.Version, stored.ETag));
    }

    [Fact]
    public async Task Queue_AtItsBound_MakesCallersWaitAndThenRefusesThem()
    {
        var time = new FakeTimeProvider();
        using var storage = OneAtATime(options => (options.MaxQueueLength, options.Timeout) = (10, TimeSpan.FromSeconds(20)), time);
        await using var held = await HoldAsync(storage);
        var queued = Enumerable.Range(0, 9).Select(number => storage.WriteAsync($"{_run}/{number}", number)).ToArray();
        var tooMany = storage.WriteAsync($"{_run}/too-many", 1);
        Assert.False(tooMany.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(20));
        var refused = await Assert.ThrowsAsync<StateNotWrittenException>(() => tooMany);
        Assert.Equal(
            $"Not written: state 'test' of '{_run}/too-many'. The queue stayed full (10 rows) for 20 s. The database takes less than this silo writes: repeat "
            + "later, or add silos or database capacity.",
            refused.Message);
        Assert.True(refused.IsTransient);

        await held.ReleaseAsync();
        foreach (var write in queued)
        {
            var overdue = await Assert.ThrowsAsync<StateNotWrittenException>(() => write);
            Assert.EndsWith("It waited in the queue for 20 s.", overdue.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Queue_AtItsBound_TakesTheNextWhenThereIsRoom()
    {
        using var storage = OneAtATime(options => options.MaxQueueLength = 10);
        await using var held = await HoldAsync(storage);
        var writes = Enumerable.Range(0, 200).Select(number => storage.WriteAsync($"{_run}/{number}", number)).ToArray();
        await held.ReleaseAsync();
        await Task.WhenAll(writes);
        Assert.Equal(201, await CountAsync());
    }

    [Fact]
    public async Task Cancelled_WhileInTheQueue_IsNotWritten()
    {
        using var storage = OneAtATime();
        using var cancel = new CancellationTokenSource();
        await using var held = await HoldAsync(storage);
        var cancelled = storage.WriteUnlessCancelledAsync($"{_run}/cancelled", 1, eTag: null, cancel.Token);
        var after = storage.WriteAsync($"{_run}/after", 1);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await held.ReleaseAsync();
        await after;
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Drain_WritesWhatIsQueuedAndRefusesWhatComesLater()
    {
        using var storage = OneAtATime();
        await using var held = await HoldAsync(storage);
        var queued = Enumerable.Range(0, 20).Select(number => storage.WriteAsync($"{_run}/{number}", number)).ToArray();
        var drained = storage.Provider.DrainAsync(CancellationToken.None);
        var late = await Assert.ThrowsAsync<StateNotWrittenException>(() => storage.WriteAsync($"{_run}/late", 1));
        Assert.EndsWith("The silo is stopping. Repeat the call: another silo will take it.", late.Message, StringComparison.Ordinal);
        Assert.False(drained.IsCompleted);

        await held.ReleaseAsync();
        await drained;
        await Task.WhenAll(queued);
        Assert.Equal(21, await CountAsync());
    }

    [Fact]
    public async Task Drain_WithoutPatience_TellsQueuedCallersThatNothingWasWritten()
    {
        using var storage = OneAtATime();
        await using var held = await HoldAsync(storage);
        var queued = storage.WriteAsync($"{_run}/queued", 1);
        var drained = storage.Provider.DrainAsync(new CancellationToken(canceled: true));
        var exception = await Assert.ThrowsAsync<StateNotWrittenException>(() => queued);
        Assert.EndsWith("The silo stopped before it was sent.", exception.Message, StringComparison.Ordinal);
        await held.ReleaseAsync();
        await drained;
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Payload_OverItsBound_IsRefusedBeforeItIsQueued()
    {
        using var storage = OneAtATime(options => options.MaxPayloadBytes = 1024);
        var key = $"{_run}/{new string('x', 1024)}";
        var exception = await Assert.ThrowsAsync<StateNotWrittenException>(() => storage.WriteAsync(key, 1));
        Assert.Matches("It has 1[0-9]{3} bytes; GroupCommitGrainStorageOptions.MaxPayloadBytes of storage 'test' is 1024.", exception.Message);
        Assert.False(exception.IsTransient);
        Assert.Equal(0, await CountAsync());
    }

    /// <summary>A pool keeps the connections that were ever needed at the same time.</summary>
    [Fact]
    public async Task Reads_OfAThousandGrainsAtOnce_NeedTwoConnections()
    {
        await using var dataSource = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = _run, MaxPoolSize = 50 }.ConnectionString);
        using var storage = new StandaloneStorage(dataSource);
        var states = await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => storage.ReadAsync($"{_run}/{number}")));
        Assert.All(states, state => Assert.False(state.RecordExists));
        Assert.InRange(
            await database.DataSource.ScalarAsync<long>($"select count(*) from pg_stat_activity where application_name = '{_run}'"), 1, 2);
    }

    /// <summary>A plan that reads the whole table, made while it is small, would be kept while it grows.</summary>
    [Fact]
    public async Task Reads_OnATableThatTheServerKnowsNothingOf_UseTheIndex()
    {
        var plan = await database.DataSource.RowsAsync(
            $"""
            set plan_cache_mode = force_generic_plan;
            prepare many (text, text[], bigint[], bigint[], text[]) as {StateReadStatement.Select};
            explain execute many ('s', array['a'], array[1], array[1], array['x']);
            """);
        Assert.Contains(plan, line => line.Contains("Index Scan using orleans_storage_pkey", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan on orleans_storage", StringComparison.Ordinal));
    }

    [Fact]
    public void Options_Defaults()
    {
        var options = new GroupCommitGrainStorageOptions();
        Assert.Equal((128, 4 << 20, 2, 10_000, 16 << 20), (options.MaxBatchSize, options.MaxBatchBytes, options.MaxConcurrentBatches, options.MaxQueueLength, options.MaxPayloadBytes));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), false), (options.CommandTimeout, options.Timeout, options.DeleteStateOnClear));
        Assert.True(new GroupCommitGrainStorageOptionsValidator().Validate("any", options).Succeeded);
    }

    [Fact]
    public void Options_Invalid_ReportsAllFaultsAtOnce()
    {
        var result = new GroupCommitGrainStorageOptionsValidator().Validate("state", new GroupCommitGrainStorageOptions
        {
            MaxBatchSize = 0,
            MaxBatchBytes = 1,
            MaxConcurrentBatches = 17,
            MaxQueueLength = 0,
            MaxPayloadBytes = int.MaxValue,
            CommandTimeout = TimeSpan.FromSeconds(3),
            Timeout = TimeSpan.FromSeconds(2),
        });
        Assert.Equal(
            [
                "GroupCommitGrainStorageOptions.MaxBatchSize of storage 'state' is 0; it must be 1 to 10000.",
                "GroupCommitGrainStorageOptions.MaxBatchBytes of storage 'state' is 1; it must be 1024 to 268435456.",
                "GroupCommitGrainStorageOptions.MaxConcurrentBatches of storage 'state' is 17; it must be 1 to 16.",
                "GroupCommitGrainStorageOptions.MaxQueueLength of storage 'state' is 0; it must be 1 to 1000000.",
                "GroupCommitGrainStorageOptions.MaxPayloadBytes of storage 'state' is 2147483647; it must be 1024 to 268435456.",
                "GroupCommitGrainStorageOptions.CommandTimeout of storage 'state' is 00:00:03; it must be 00:00:01 to 00:00:02.",
            ],
            result.Failures);
    }

    private StandaloneStorage OneAtATime(Action<GroupCommitGrainStorageOptions>? configure = null, TimeProvider? time = null) => new(
        database.DataSource,
        options =>
        {
            options.MaxConcurrentBatches = 1;
            configure?.Invoke(options);
        },
        time);

    private Task<long> CountAsync() =>
        database.DataSource.ScalarAsync<long>($"select count(*) from orleans_storage where grainkeytext like '{_run}/%'");

    private async Task<HeldWrite> HoldAsync(StandaloneStorage storage)
    {
        var first = await storage.WriteAsync(Blocked, 1);
        var rowLock = await RowLock.TakeAsync(database.DataSource, Blocked);
        var write = storage.WriteAsync(Blocked, 2, first.ETag);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        return new HeldWrite(rowLock, write);
    }

    /// <summary>The write that waits for the lock, and the only batch under way.</summary>
    private sealed class HeldWrite(RowLock rowLock, Task write) : IAsyncDisposable
    {
        internal Task Write => write;

        internal async Task ReleaseAsync()
        {
            await rowLock.ReleaseAsync();
            await write;
        }

        public ValueTask DisposeAsync() => rowLock.DisposeAsync();
    }
}
