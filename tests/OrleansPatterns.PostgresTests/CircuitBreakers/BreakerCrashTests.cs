using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Testing.Postgres;
using Polly.CircuitBreaker;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.PostgresTests.CircuitBreakers;

/// <summary>What becomes of breakers when silos, which are processes here, are killed: one of them, or all.</summary>
public sealed class BreakerCrashTests(PostgresServer server) : IAsyncLifetime
{
    /// <summary>A killed silo is found out within seconds.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Membership__ProbeTimeout"] = "00:00:01",
        ["Membership__MinProbeTimeout"] = "00:00:01",
        ["Membership__NumMissedProbesLimit"] = "2",

        // If all are killed, a new one waits until the entries of the dead are this old.
        ["Membership__IAmAliveTablePublishTimeout"] = "00:00:02",
        ["Membership__NumMissedTableIAmAliveLimit"] = "2",
    };

    private readonly List<Process> _silos = [];
    private LocalDatabase? _database;
    private IHost? _client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainFactory Grains => Client.Service<IGrainFactory>();

    private IHost Client => _client ?? throw new InvalidOperationException("The client is not started.");

    public async ValueTask InitializeAsync()
    {
        _database = await server.Postgres.CreateDatabaseAsync(Token);
        for (var silo = 0; silo < 3; silo++)
        {
            StartSilo();
        }

        var connectionString = _database.ConnectionString;
        _client = SiloHost.Client(
            client =>
            {
                client.UsePostgres(connectionString).AddOrleansPatterns();
                client.Services.Configure<CircuitBreakerOptions>("payments", options => options.UseLowTrafficPreset());
            },
            SiloProcess.ClusterId);
        await _client.StartAsync(Token);
        while ((await Management.GetHosts(onlyActive: true, Token)).Count < _silos.Count)
        {
            // The next round trip waits for them.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync(CancellationToken.None);
            _client.Dispose();
        }

        foreach (var silo in _silos)
        {
            await KillAsync(silo);
            silo.Dispose();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private IManagementGrain Management => Grains.GetGrain<IManagementGrain>(0);

    [Fact]
    public async Task SiloOfABreaker_Killed_KeepsItsStateAndTheBudgetOfProbes()
    {
        var settings = BreakerSettings.From(new CircuitBreakerOptions
        {
            BreakDuration = TimeSpan.FromMilliseconds(100), MaxBreakDuration = TimeSpan.FromHours(1), ProbeLease = TimeSpan.FromMinutes(10), ConcurrentProbes = 2,
        });
        var open = Grains.GetBreakerGrain("open");
        await TripAsync(open, settings with { BreakDuration = TimeSpan.FromHours(1) });
        var halfOpen = Grains.GetBreakerGrain("half-open");
        await TripAsync(halfOpen, settings);
        var first = await PermitAsync(halfOpen, settings);
        var second = await PermitAsync(halfOpen, settings);

        foreach (var grain in new[] { open, halfOpen })
        {
            var address = await Management.GetActivationAddress(grain, Token);
            var host = _silos.Find(silo => silo.StartInfo.Environment["SiloPort"] == address?.Endpoint.Port.ToString(CultureInfo.InvariantCulture));
            if (host is { HasExited: false })
            {
                await KillAsync(host);
            }
        }

        var status = await AnswerAsync(open.GetStatusAsync);
        Assert.Equal((BreakerState.Open, "100 of 100 calls failed within 30 s."), (status.Snapshot.State, status.Snapshot.Reason));
        Assert.InRange(status.Snapshot.OpenFor, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));

        // Two are under way: no third, though the silo that gave them is gone, until one of them ends.
        var refused = await AnswerAsync(() => halfOpen.TryAcquireProbeAsync("third", version: 0, settings));
        Assert.Equal((0L, BreakerState.HalfOpen), (refused.PermitId, refused.Snapshot.State));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        await AnswerAsync(() => halfOpen.ReportProbeAsync("first", first, CallOutcome.Succeeded));
        var third = await AnswerAsync(() => halfOpen.TryAcquireProbeAsync("third", version: 0, settings));
        Assert.NotEqual(0, third.PermitId);
        await AnswerAsync(() => halfOpen.ReportProbeAsync("second", second, CallOutcome.Succeeded));
        var closed = await AnswerAsync(() => halfOpen.ReportProbeAsync("third", third.PermitId, CallOutcome.Succeeded));
        Assert.Equal(BreakerState.Closed, closed.State);
    }

    [Fact]
    public async Task EverySiloKilled_CallsGoOn_ThoseOfAFailingDependencyAreRefused_AndANewSiloIsJoined()
    {
        var breaker = Client.Service<ICircuitBreakerProvider>().Get("payments");
        Assert.Equal(1, await CallAsync());
        foreach (var silo in _silos)
        {
            await KillAsync(silo);
        }

        for (var call = 0; call < 1_000; call++)
        {
            Assert.Equal(1, await CallAsync());
        }

        // The process decides alone as soon as a report has gone unanswered; until then calls fail as they do.
        Exception? fault = null;
        for (var patience = Stopwatch.StartNew(); fault is not BrokenCircuitException && patience.Elapsed < TimeSpan.FromSeconds(30);)
        {
            fault = await Record.ExceptionAsync(() => breaker.ExecuteAsync<int>(_ => throw new HttpRequestException(), Token));
        }

        Assert.IsType<BrokenCircuitException>(fault);
        StartSilo();
        await AnswerAsync(async () =>
        {
            await breaker.IsolateAsync("by hand", Token);
            return true;
        });
        Assert.IsType<IsolatedCircuitException>(await Record.ExceptionAsync(CallAsync));

        Task<int> CallAsync() => breaker.ExecuteAsync(_ => Task.FromResult(1), Token);
    }

    private static async Task TripAsync(IBreakerGrain grain, BreakerSettings settings)
    {
        var snapshot = await grain.ReportAsync(new BreakerReport
        {
            Caller = "first", Epoch = Guid.NewGuid(), Sequence = 1, Generation = 0, Version = 0, Successes = 0, Failures = 100, Settings = settings,
        });
        Assert.Equal(BreakerState.Open, snapshot.State);
    }

    private static async Task<long> PermitAsync(IBreakerGrain grain, BreakerSettings settings)
    {
        while (true)
        {
            // Until the break is over.
            if (await grain.TryAcquireProbeAsync("first", version: 0, settings) is { PermitId: not 0 and var permit })
            {
                return permit;
            }
        }
    }

    /// <summary>What is asked again until the cluster has found out who is gone.</summary>
    private static async Task<T> AnswerAsync<T>(Func<Task<T>> ask)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await ask().WaitAsync(TimeSpan.FromSeconds(10), RealTime.Provider, Token);
            }
            catch (Exception) when (patience.Elapsed < TimeSpan.FromMinutes(2))
            {
                Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task KillAsync(Process silo)
    {
        silo.Kill();
        await silo.WaitForExitAsync(CancellationToken.None);
    }

    private void StartSilo() => _silos.Add(SiloProcess.Start(_database!.ConnectionString, Settings));
}
