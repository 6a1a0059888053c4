using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansPatterns.Cluster;
using OrleansPatterns.Postgres.Clock;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>As a silo has it, on real time.</summary>
public sealed class ClusterClockSiloTests(PostgresServer server)
{
    private const string Minimal = "Host=localhost;Database=shop;Username=clerk;Password=secret-pw";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clock_InEitherOrder_IsThatOfPostgres(bool postgresFirst)
    {
        using var silo = SiloHost.Silo(silo => _ = postgresFirst
            ? silo.UsePostgres(Minimal).AddOrleansPatterns()
            : silo.AddOrleansPatterns().UsePostgres(Minimal));
        Assert.IsType<PostgresClusterClock>(Assert.Single(silo.Services.GetServices<IClusterClock>()));
    }

    [Fact]
    public void Clock_WithUsePostgresTwice_IsMeasuredOnce()
    {
        using var silo = SiloHost.Silo(silo => silo.UsePostgres(Minimal).UsePostgres(Minimal).AddOrleansPatterns());
        Assert.Single(silo.Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>().OfType<ClusterClockService>());
    }

    [Fact]
    public async Task Clock_OfAStartedSilo_IsThatOfTheServer()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        var log = new ClockLog();
        using var silo = SiloHost.Silo(silo =>
        {
            silo.UsePostgres(database.ConnectionString).AddOrleansPatterns();
            silo.Services.AddSingleton<ILoggerProvider>(new ClockLogProvider(log));
        });
        await silo.StartAsync(Token);

        // At once, unless this machine is so slow that the first answer took too long.
        await log.FirstKnown.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var before = await ServerTimeAsync();
        var reading = silo.Service<IClusterClock>().Read();
        var after = await ServerTimeAsync();

        Assert.NotNull(reading);
        Assert.True(reading.Value.Earliest <= after, $"{reading} is later than {after:O}");
        Assert.True(reading.Value.Latest >= before, $"{reading} is earlier than {before:O}");
        Assert.InRange(reading.Value.Latest - reading.Value.Earliest, TimeSpan.Zero, ClusterClockRules.MaxError);
        await silo.StopAsync(Token);

        async Task<DateTimeOffset> ServerTimeAsync() => new(await database.DataSource.ScalarAsync<DateTime>("select clock_timestamp()"));
    }

    /// <summary>Only what the clock itself logs.</summary>
    private sealed class ClockLogProvider(ClockLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => categoryName == typeof(PostgresClusterClock).FullName
            ? log
            : NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
