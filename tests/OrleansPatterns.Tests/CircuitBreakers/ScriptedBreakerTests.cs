using OrleansPatterns.CircuitBreakers;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Has one process' part of a breaker, on a clock that the test moves, with a grain that the test plays.</summary>
public abstract class ScriptedBreakerTests : IAsyncDisposable
{
    private protected static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private CircuitBreaker? _breaker;

    protected ScriptedBreakerTests() => Cluster = new ScriptedBreakerTransport(Time, BreakerSettings.From(Options));

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected CircuitBreakerOptions Options { get; } = new() { FailureRatio = 0.5, MinimumThroughput = 4 };

    private protected RecordedLog<CircuitBreaker> Log { get; } = new();

    private protected ObservedTime Time { get; } = new();

    private protected ScriptedBreakerTransport Cluster { get; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await (_breaker?.Running ?? Task.CompletedTask);
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static Task<int> Succeed(CircuitBreaker breaker) => breaker.ExecuteAsync(_ => Task.FromResult(1), Token).Soon();

    private protected static Task<HttpRequestException> FailAsync(CircuitBreaker breaker) =>
        Assert.ThrowsAsync<HttpRequestException>(() => breaker.ExecuteAsync(_ => Task.FromException<int>(new HttpRequestException()), Token).Soon());

    private protected static async Task CancelAsync(CircuitBreaker breaker)
    {
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => breaker.ExecuteAsync(
            async token =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancellation.Token).Soon());
    }

    /// <summary>Fails often enough to open the breaker without waiting for the interval.</summary>
    private protected async Task TripAsync(CircuitBreaker breaker)
    {
        for (var call = 0; call < Options.MinimumThroughput; call++)
        {
            await FailAsync(breaker);
        }

        await breaker.UntilAsync(BreakerState.Open);
    }

    /// <summary>Has what was counted so far reported; skips reports that only asked for news.</summary>
    private protected async Task<BreakerReport> NextReportAsync()
    {
        await Time.ArmedAsync(Options.ReportInterval);
        Time.Advance(Options.ReportInterval);
        BreakerReport report;
        do
        {
            report = await Cluster.NextReportAsync();
        }
        while (report.Tally.Calls == 0);

        return report;
    }

    /// <summary>Isolating and closing by hand go through the grain, which these tests do not have.</summary>
    private protected CircuitBreaker Start() => Start(TestInstruments.Breakers);

    private protected CircuitBreaker Start(BreakerInstruments instruments) => _breaker = new CircuitBreaker(
        "payments", "here", Cluster, grains: null!, cluster: null!, Options, instruments, Time, new Random(1), Log).Start(_stopping.Token);
}
