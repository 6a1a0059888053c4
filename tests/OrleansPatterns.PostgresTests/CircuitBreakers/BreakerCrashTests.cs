using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.PostgresTests.CircuitBreakers;

/// <summary>What becomes of breakers when silos, which are processes here, are killed: one of them, or all.</summary>
public sealed class BreakerCrashTests(PostgresServer server) : IAsyncLifetime
{
    private SiloProcessCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloProcessCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    private IGrainFactory Grains => Cluster.Service<IGrainFactory>();

    public async ValueTask InitializeAsync() => _cluster = await SiloProcessCluster.StartAsync(
        server, client => client.Services.Configure<CircuitBreakerOptions>("payments", options => options.UseLowTrafficPreset()));

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

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
            await Cluster.KillSiloOfAsync(grain);
        }

        var status = await SiloProcessCluster.AnswerAsync(open.GetStatusAsync);
        Assert.Equal((BreakerState.Open, "100 of 100 calls failed within 30 s."), (status.Snapshot.State, status.Snapshot.Reason));
        Assert.InRange(status.Snapshot.OpenFor, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));

        // Two are under way: no third, though the silo that gave them is gone, until one of them ends.
        var refused = await SiloProcessCluster.AnswerAsync(() => halfOpen.TryAcquireProbeAsync("third", version: 0, settings));
        Assert.Equal((0L, BreakerState.HalfOpen), (refused.PermitId, refused.Snapshot.State));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        await SiloProcessCluster.AnswerAsync(() => halfOpen.ReportProbeAsync("first", first, CallOutcome.Succeeded));
        var third = await SiloProcessCluster.AnswerAsync(() => halfOpen.TryAcquireProbeAsync("third", version: 0, settings));
        Assert.NotEqual(0, third.PermitId);
        await SiloProcessCluster.AnswerAsync(() => halfOpen.ReportProbeAsync("second", second, CallOutcome.Succeeded));
        var closed = await SiloProcessCluster.AnswerAsync(() => halfOpen.ReportProbeAsync("third", third.PermitId, CallOutcome.Succeeded));
        Assert.Equal(BreakerState.Closed, closed.State);
    }

    [Fact]
    public async Task EverySiloKilled_CallsGoOn_ThoseOfAFailingDependencyAreRefused_AndANewSiloIsJoined()
    {
        var breaker = Cluster.Service<ICircuitBreakerProvider>().Get("payments");
        Assert.Equal(1, await CallAsync());
        await Cluster.KillAllAsync();

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
        Cluster.StartSilo();
        await SiloProcessCluster.AnswerAsync(async () =>
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
}
