using OrleansPatterns.Cluster;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>On a real server whose clock the test sets, together with its own: round trips take no time, so that all numbers are exact.</summary>
public sealed class PostgresClusterClockTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    private readonly ClockTime _time = new();
    private readonly ClockLog _log = new();
    private ServerClock? _serverClock;
    private PostgresDatabase? _database;
    private PostgresClusterClock? _clock;
    private ClusterClockService? _service;

    private ServerClock ServerClock => _serverClock ?? throw new InvalidOperationException("The server is not prepared.");

    private PostgresClusterClock Clock => _clock ?? throw new InvalidOperationException("The server is not prepared.");

    private ClusterClockService Service => _service ?? throw new InvalidOperationException("The server is not prepared.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _serverClock = await ServerClock.CreateAsync(server);
        await _serverClock.SetAsync(Epoch);
        _database = PostgresDatabase.Create(_serverClock.ConnectionString, new PostgresOptions());
        _clock = new PostgresClusterClock(_database, _time, _log);
        _service = new ClusterClockService(_clock, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _service?.Dispose();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        if (_serverClock is not null)
        {
            await _serverClock.DisposeAsync();
        }
    }

    [Fact]
    public async Task Read_AfterStart_IsTheServersTimeAndGetsWider()
    {
        Assert.Null(Clock.Read());
        await Service.StartAsync(Token);

        AssertReads(seconds: 0, error: 0);
        _time.Advance(TimeSpan.FromSeconds(4));
        AssertReads(seconds: 4, error: 0.04);
        Assert.Equal([ClockLog.Known], _log.Events);
        await Service.StopAsync();
    }

    [Fact]
    public async Task Service_MeasuresEveryFiveSecondsUntilItIsStopped()
    {
        await Service.StartAsync(Token);
        await _time.UntilServiceWaitsAsync();
        for (var seconds = 5; seconds <= 15; seconds += 5)
        {
            // The server is a little ahead each time, so that the measurement shows.
            await ServerClock.SetAsync(Epoch.AddSeconds(seconds * 1.001));
            _time.Advance(TimeSpan.FromSeconds(5));
            await _time.UntilServiceWaitsAsync();
            AssertReads(seconds * 1.001, error: 0);
        }

        await Service.StopAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        AssertReads(20.015, error: 0.05);
    }

    [Fact]
    public async Task Database_ThatIsAway_MakesItUnknownAfterTheAgeLimitUntilItIsBack()
    {
        await Service.StartAsync(Token);
        await _time.UntilServiceWaitsAsync();

        await ServerClock.CloseAsync();
        for (var seconds = 5; seconds <= 30; seconds += 5)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await _time.UntilServiceWaitsAsync();
            AssertReads(seconds, error: 0.01 * seconds);
        }

        Assert.Equal([ClockLog.Known, ClockLog.Unanswered], _log.Events);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Clock.Read());
        _time.Advance(TimeSpan.FromSeconds(5));
        await _time.UntilServiceWaitsAsync();
        Assert.Equal([ClockLog.Known, ClockLog.Unanswered, ClockLog.Unknown], _log.Events);

        await ServerClock.OpenAsync();
        await ServerClock.SetAsync(Epoch.AddSeconds(40));
        _time.Advance(TimeSpan.FromSeconds(5));
        await _time.UntilServiceWaitsAsync();
        AssertReads(seconds: 40, error: 0);
        Assert.Equal([ClockLog.Known, ClockLog.Unanswered, ClockLog.Unknown, ClockLog.Known], _log.Events);
        await Service.StopAsync();
    }

    [Fact]
    public async Task Start_WithTheDatabaseAway_SucceedsWithAnUnknownClock()
    {
        await ServerClock.CloseAsync();
        await Service.StartAsync(Token);
        Assert.Null(Clock.Read());
        Assert.Equal([ClockLog.Unanswered], _log.Events);

        await _time.UntilServiceWaitsAsync();
        await ServerClock.OpenAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        await _time.UntilServiceWaitsAsync();
        AssertReads(seconds: 0, error: 0);
        await Service.StopAsync();
    }

    [Fact]
    public async Task Answer_ThatDoesNotCome_IsGivenUpAndDoesNotHoldUpTheStop()
    {
        await Service.StartAsync(Token);
        await _time.UntilServiceWaitsAsync();
        await using var held = await ServerClock.HoldAsync();

        _time.Advance(TimeSpan.FromSeconds(5));
        await ServerClock.WaitForQuestionAsync();
        _time.Advance(PostgresClusterClock.Deadline);
        await _time.UntilServiceWaitsAsync();
        Assert.Equal([ClockLog.Known, ClockLog.Unanswered], _log.Events);

        _time.Advance(TimeSpan.FromSeconds(5));
        await ServerClock.WaitForQuestionAsync();
        await Service.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Token);
        AssertReads(seconds: 13, error: 0.13);
    }

    /// <summary>The answer comes 0.6 s after the question, so the clock was anywhere in between; it had been known better.</summary>
    [Fact]
    public async Task Answer_ThatComesLate_IsIgnored()
    {
        await Service.StartAsync(Token);
        await _time.UntilServiceWaitsAsync();
        var held = await ServerClock.HoldAsync();
        await ServerClock.SetAsync(Epoch.AddSeconds(5.3));

        _time.Advance(TimeSpan.FromSeconds(5));
        await ServerClock.WaitForQuestionAsync();
        _time.Advance(TimeSpan.FromSeconds(0.6));
        await held.DisposeAsync();
        await _time.UntilServiceWaitsAsync();

        AssertReads(seconds: 5.6, error: 0.056);
        await Service.StopAsync();
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(60)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(-3_600)]
    public async Task Server_ThatIsStepped_IsUnknownForTheQuarantine(int step)
    {
        await Clock.MeasureAsync(Token);
        await MeasureAsync(after: TimeSpan.FromSeconds(5), serverSeconds: 5 + step);
        Assert.Null(Clock.Read());
        Assert.Equal([ClockLog.Known, ClockLog.Stepped], _log.Events);

        const double LastSecond = 5 + (11 * 60) - 1;
        await MeasureAsync(after: ClusterClockRules.Quarantine - TimeSpan.FromSeconds(1), serverSeconds: LastSecond + step);
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Null(Clock.Read());
        _time.Advance(TimeSpan.FromTicks(1));
        AssertReads(LastSecond + step + 1, error: 0.01);

        await MeasureAsync(after: TimeSpan.Zero, serverSeconds: LastSecond + step + 1);
        Assert.Equal([ClockLog.Known, ClockLog.Stepped, ClockLog.Known], _log.Events);
    }

    private async Task MeasureAsync(TimeSpan after, double serverSeconds)
    {
        await ServerClock.SetAsync(Epoch.AddSeconds(serverSeconds));
        _time.Advance(after);
        await Clock.MeasureAsync(Token);
    }

    private void AssertReads(double seconds, double error) => Assert.Equal(
        new ClusterTime(
            Epoch + TimeSpan.FromMicroseconds(Math.Round((seconds - error) * 1e6)) - Microsecond,
            Epoch + TimeSpan.FromMicroseconds(Math.Round((seconds + error) * 1e6)) + Microsecond),
        Clock.Read());
}
