using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>How long it takes from the call that decides, in one process, until the last of 50 processes refuses calls.</summary>
/// <remarks>In between are a report, a commit that waits for the disk, and 50 messages. Each caller is a client with connections of its own.</remarks>
internal sealed class BreakerSpread
{
    internal const string Dependency = "spread";

    private const int Silos = 3;
    private const int Callers = 50;

    private readonly IReadOnlyList<ICircuitBreaker> _breakers;

    private BreakerSpread(IReadOnlyList<ICircuitBreaker> breakers) => _breakers = breakers;

    internal static async Task<BenchmarkCase> PrepareAsync(BenchmarkEnvironment environment)
    {
        var cluster = environment.Own(await environment.StartClusterAsync(Silos, Callers));
        var spread = new BreakerSpread([.. cluster.Clients.Select(client => client.GetRequiredService<ICircuitBreakerProvider>().Get(Dependency))]);
        return new BenchmarkCase(
            $"open in the last of {Callers} callers, {Silos} silos, p99", "ms", HigherIsBetter: false,
            [new("OrleansPatterns, client", spread.MeasureAsync)]);
    }

    private async Task<double> MeasureAsync(TimeSpan duration)
    {
        List<double> times = [];
        var clock = Stopwatch.StartNew();
        do
        {
            times.Add((await TripAsync()).TotalMilliseconds);
        }
        while (clock.Elapsed < duration);

        return Measurement.PercentileOf(times, 0.99);
    }

    private async Task<TimeSpan> TripAsync()
    {
        // Always the same: where others have called before, one caller that fails is cut off alone.
        var caller = _breakers[0];
        await caller.CloseAsync();
        await UntilAsync(BreakerState.Closed);
        var open = UntilAsync(BreakerState.Open);
        var clock = Stopwatch.StartNew();
        for (var call = 0; call < 2; call++)
        {
            await ((Task)caller.ExecuteAsync<int>(static _ => throw new HttpRequestException())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await open;
        return clock.Elapsed;
    }

    private Task UntilAsync(BreakerState state) => Task.WhenAll(_breakers.Select(async breaker =>
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var seen in breaker.WatchAsync(giveUp.Token))
        {
            if (seen == state)
            {
                return;
            }
        }
    }));
}
