using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Expiry;
using OrleansPatterns.PostgresTests.Postgres;
using static OrleansPatterns.PostgresTests.Expiry.SweepFixtures;

namespace OrleansPatterns.PostgresTests.Expiry;

public sealed class ExpirySweeperTests(PostgresServer server, MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private const int RoundFailed = 7302;

    private readonly string _service = $"service-{Guid.NewGuid():N}";
    private readonly SweepLog _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Round_GoesOnUntilNothingIsLeft_AndRestsAfterEachFullBatchForAsLongAsThatTook()
    {
        await InsertAsync(rows: 12);
        var time = new PauseTime();
        using var sweeper = Sweeper(Rows(database.DataSource, _service, batchSize: 5), time);
        await sweeper.SweepAsync(Token);
        Assert.Equal(0, await CountAsync());
        Assert.Equal([PauseTime.Step, PauseTime.Step], time.Pauses);
        Assert.Equal(["12 expired rows removed."], _log.Texts);
    }

    [Fact]
    public async Task Round_WhileAnotherSiloHasTheTurn_EndsAtOnce()
    {
        await InsertAsync(rows: 12);
        await using var other = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await using (var take = new NpgsqlCommand($"select {ExpiredRows.TakeTurn}", other) { Parameters = { new() { Value = _service } } })
        {
            Assert.Equal(true, await take.ExecuteScalarAsync(Token));
        }

        using var sweeper = Sweeper(Rows(database.DataSource, _service, batchSize: 5), RealTime.Provider);
        await sweeper.SweepAsync(Token);
        Assert.Equal(12, await CountAsync());
        Assert.Empty(_log.Texts);

        await transaction.RollbackAsync(Token);
        await sweeper.SweepAsync(Token);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Round_WithoutADatabase_SaysSoOnce()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=localhost;Port=1;Username=nobody;Database=nothing");
        using var sweeper = Sweeper(Rows(nowhere, _service), RealTime.Provider);
        await sweeper.SweepAsync(Token);
        Assert.Equal([RoundFailed], _log.Events);
    }

    [Fact]
    public async Task Round_WhenTheSiloStops_EndsInTheMidstOfABatchAndRemovesNothing()
    {
        await InsertAsync(rows: 1);
        await using var gate = await DeleteGate.CloseAsync(database.DataSource, "row 1");
        using var stopping = new CancellationTokenSource();
        using var sweeper = Sweeper(Rows(database.DataSource, _service), RealTime.Provider);
        var round = sweeper.SweepAsync(stopping.Token);
        await database.DataSource.WaitForLockedSessionsAsync(1);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(1, await CountAsync());
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task Silo_SweepsByItself_AndStops()
    {
        await using var empty = await EmptyDatabase.CreateAsync(server);
        using var silo = SiloHost.Silo(silo => silo
            .AddOrleansPatterns()
            .UsePostgres(empty.ConnectionString, options => options.SweepInterval = TimeSpan.FromSeconds(1)));
        await silo.StartAsync(Token);
        await empty.DataSource.ExecuteAsync(
            """
            create function tell() returns trigger language plpgsql as 'begin perform pg_notify(''gone'', old.grainkeytext); return null; end';
            create trigger tell after delete on orleans_storage for each row execute function tell()
            """);
        await using var listener = await empty.DataSource.OpenConnectionAsync(Token);
        await using (var listen = new NpgsqlCommand("listen gone", listener))
        {
            await listen.ExecuteNonQueryAsync(Token);
        }

        List<string> gone = [];
        listener.Notification += (_, notification) => gone.Add(notification.Payload);
        await InsertRowAsync(empty.DataSource, "tests", "row", "-1 hour", "-1 hour");

        Assert.True(await listener.WaitAsync(TimeSpan.FromSeconds(20), Token), "The silo did not remove 'row' within 20 s.");
        Assert.Equal(["row"], gone);
        await silo.StopAsync(Token);
    }

    private ExpirySweeper Sweeper(ExpiredRows rows, TimeProvider time) => new(rows, Options.Create(new PostgresOptions()), time, _log);

    private Task InsertAsync(int rows) => Task.WhenAll(
        Enumerable.Range(1, rows).Select(number => InsertRowAsync(database.DataSource, _service, $"row {number}", "-1 hour", "-1 hour")));

    private Task<long> CountAsync() => database.DataSource.ScalarAsync<long>($"select count(*) from orleans_storage where serviceid = '{_service}'");

    /// <summary>Each look at the clock takes a step, and whoever waits is only noted.</summary>
    private sealed class PauseTime : FakeTimeProvider
    {
        internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(7);

        private readonly List<TimeSpan> _pauses = [];

        internal PauseTime() => AutoAdvanceAmount = Step;

        internal IReadOnlyList<TimeSpan> Pauses => _pauses;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _pauses.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    private sealed class SweepLog : ILogger<ExpirySweeper>
    {
        internal List<int> Events { get; } = [];

        internal List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Events.Add(eventId.Id);
            Texts.Add(formatter(state, exception));
        }
    }
}
