using System.Globalization;
using Npgsql;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Storage;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>The way to the database breaks: no acknowledged write is lost, none is applied twice, each caller is told the truth.</summary>
public sealed class GroupCommitFaultTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const int Writers = 64;

    private readonly string _run = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_CrashesAndRestartsUnderLoad_EveryCallerKnowsTheTruth()
    {
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "" }, Token);
        await using var dataSource = NpgsqlDataSource.Create(postgres.ConnectionString);
        foreach (var script in OrleansPatterns.Postgres.Schema.SchemaScript.All)
        {
            await dataSource.ExecuteAsync(script.Text);
        }

        using var storage = new StandaloneStorage(dataSource);
        await RunUnderFaultsAsync(storage, dataSource, faults: 3, async () =>
        {
            await postgres.CrashAsync(Token);
            await postgres.StartAgainAsync(Token);
        });
    }

    [Fact]
    public async Task Connections_AreCutUnderLoad_EveryCallerKnowsTheTruth()
    {
        await using var dataSource = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = _run }.ConnectionString);
        using var storage = new StandaloneStorage(dataSource);
        await RunUnderFaultsAsync(storage, dataSource, faults: 30, () => database.DataSource.ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{_run}'"));
    }

    /// <summary>The server did it, and the answer was lost: whoever would say "conflict" or "not written" now would be wrong.</summary>
    [Fact]
    public async Task Answer_OfAWriteIsLost_ItIsWrittenOnceAndItsCallerIsToldThatItIsUnknown()
    {
        await using var proxy = new FaultyProxy(database.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(proxy.ConnectionString);
        using var storage = new StandaloneStorage(dataSource, options => options.MaxConcurrentBatches = 1);
        var key = $"{_run}/a";
        var first = await storage.WriteAsync(key, 1);

        proxy.LoseNextAnswer();
        var exception = await Assert.ThrowsAsync<StateWriteUnknownException>(() => storage.WriteAsync(key, 2, first.ETag));
        Assert.Equal($"state 'test' of '{key}'", exception.Subject);
        var stored = await storage.ReadAsync(key);
        Assert.Equal((2, Next(first.ETag)), (stored.State!.Version, stored.ETag));

        proxy.LoseNextAnswer();
        await Assert.ThrowsAsync<StateWriteUnknownException>(() => storage.WriteAsync($"{_run}/fresh", 1));
        Assert.Equal(1, (await storage.ReadAsync($"{_run}/fresh")).State!.Version);

        proxy.LoseNextAnswer();
        await Assert.ThrowsAsync<StateWriteUnknownException>(() => storage.ClearAsync(key, stored));
        Assert.False((await storage.ReadAsync(key)).RecordExists);
    }

    /// <summary>The server never heard of it, so it is simply sent again.</summary>
    [Fact]
    public async Task Request_OfAWriteIsLost_ItIsWrittenOnceAndAcknowledged()
    {
        await using var proxy = new FaultyProxy(database.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(proxy.ConnectionString);
        using var storage = new StandaloneStorage(dataSource, options => options.MaxConcurrentBatches = 1);
        var first = await storage.WriteAsync($"{_run}/b", 1);
        proxy.LoseNextRequest();
        var second = await storage.WriteAsync($"{_run}/b", 2, first.ETag);
        Assert.Equal(Next(first.ETag), second.ETag);
        Assert.Equal(second.ETag, (await storage.ReadAsync($"{_run}/b")).ETag);
    }

    [Fact]
    public async Task Read_WhoseAnswerIsLost_IsMadeAgain()
    {
        await using var proxy = new FaultyProxy(database.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(proxy.ConnectionString);
        using var storage = new StandaloneStorage(dataSource, options => options.MaxConcurrentBatches = 1);
        await storage.WriteAsync($"{_run}/c", 7);
        Assert.Equal(7, (await storage.ReadAsync($"{_run}/c")).State!.Version);
        proxy.LoseNextAnswer();
        Assert.Equal(7, (await storage.ReadAsync($"{_run}/c")).State!.Version);
    }

    private static string Next(string? eTag) => (int.Parse(eTag!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Each writer is the only one of its key, so it knows what must be stored: a conflict would be a lie, and the stored version counts how
    /// often its writes were applied.
    /// </summary>
    private async Task RunUnderFaultsAsync(StandaloneStorage storage, NpgsqlDataSource dataSource, int faults, Func<Task> fault)
    {
        using var enough = new CancellationTokenSource();
        var acknowledged = new Milestones();
        var writers = Enumerable.Range(0, Writers).Select(number => new Writer(storage, $"{_run}/{number}", acknowledged)).ToArray();
        var running = writers.Select(writer => Task.Run(() => writer.RunAsync(enough.Token), Token)).ToArray();

        await ProgressAsync();
        for (var number = 0; number < faults; number++)
        {
            await fault();
            await ProgressAsync();
        }

        await enough.CancelAsync();
        await Task.WhenAll(running);

        var rows = await dataSource.RowsAsync(
            $"select grainkeytext, version from orleans_storage where grainkeytext like '{_run}/%' order by grainkeytext collate \"C\"");
        Assert.Equal(
            writers.OrderBy(writer => writer.Key, StringComparer.Ordinal).Select(writer => $"{writer.Key} | {writer.ExpectedVersion}"), rows);
        foreach (var writer in writers)
        {
            Assert.Equal(writer.Stored, (await storage.ReadAsync(writer.Key)).State!.Version);
        }

        // A writer ends only by what it found wrong.
        async Task ProgressAsync() => await await Task.WhenAny([acknowledged.AfterAsync(Writers * 5), .. running]);
    }

    private sealed class Writer(StandaloneStorage storage, string key, Milestones acknowledged)
    {
        private string? _eTag;

        internal string Key => key;

        /// <summary>What is stored, as far as this writer was told.</summary>
        internal long Stored { get; private set; }

        internal string? ExpectedVersion => _eTag;

        internal async Task RunAsync(CancellationToken enough)
        {
            while (!enough.IsCancellationRequested)
            {
                var next = Stored + 1;
                try
                {
                    Acknowledge(next, (await storage.WriteAsync(key, next, _eTag)).ETag);
                    acknowledged.Reach();
                }
                catch (StateNotWrittenException)
                {
                    // Then what was stored must still be, whatever happens to the connection meanwhile.
                    Assert.Equal(Stored, (await storage.ReadAsync(key)).State?.Version ?? 0);
                }
                catch (StateWriteUnknownException)
                {
                    var found = await storage.ReadAsync(key);
                    if (found.ETag != _eTag)
                    {
                        Assert.Equal(next, found.State!.Version);
                        Acknowledge(next, found.ETag);
                    }
                }
            }
        }

        /// <summary>Applied once: a second time would have moved the version by two.</summary>
        private void Acknowledge(long number, string? eTag)
        {
            if (_eTag is not null)
            {
                Assert.Equal(Next(_eTag), eTag);
            }

            (Stored, _eTag) = (number, eTag);
        }
    }

    private sealed class Milestones
    {
        private readonly Lock _sync = new();
        private long _reached;
        private long _awaited = long.MaxValue;
        private TaskCompletionSource _milestone = new();

        internal void Reach()
        {
            lock (_sync)
            {
                if (++_reached >= _awaited)
                {
                    _awaited = long.MaxValue;
                    _milestone.TrySetResult();
                }
            }
        }

        /// <summary>Completes after so many acknowledged writes from now.</summary>
        internal async Task AfterAsync(int count)
        {
            Task milestone;
            lock (_sync)
            {
                _awaited = _reached + count;
                _milestone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                milestone = _milestone.Task;
            }

            await milestone.WaitAsync(TimeSpan.FromSeconds(60), Token);
        }
    }
}
