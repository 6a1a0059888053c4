using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>How many messages one process sends for one dependency, by how it is called. A store that is asked with each call gets as many as there are calls.</summary>
internal sealed class BreakerMessages(TimeProvider time) : IOutgoingGrainCallFilter
{
    private readonly ConcurrentDictionary<GrainId, StrongBox<long>> _sent = new();

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        Interlocked.Increment(ref SentTo(context.TargetId));
        return context.Invoke();
    }

    internal IEnumerable<BenchmarkCase> Cases(ICircuitBreakerProvider breakers, IGrainFactory grains)
    {
        yield return Case("messages, no calls", "silent", (_, duration) => Task.Delay(duration, time));
        yield return Case("messages, a call each millisecond", "paced", PacedAsync);
        yield return Case("messages, calls without a pause", "busy", (breaker, duration) => BusyAsync(breaker, duration, static _ => BreakerCalls.CallAsync(default)));
        yield return Case("messages, failures without a pause", BreakerCalls.OnlyMeasures, (breaker, duration) => BusyAsync(breaker, duration, static _ => Failure));

        BenchmarkCase Case(string name, string dependency, Func<ICircuitBreaker, TimeSpan, Task> call) => new(
            name, "messages/s", HigherIsBetter: false,
            [new("OrleansPatterns, client", async duration =>
            {
                var breaker = breakers.Get(dependency);
                var grain = grains.GetBreakerGrain(dependency).GetGrainId();
                var (clock, before) = (Stopwatch.StartNew(), Interlocked.Read(ref SentTo(grain)));
                await call(breaker, duration);
                return (Interlocked.Read(ref SentTo(grain)) - before) / clock.Elapsed.TotalSeconds;
            })]);
    }

    private static readonly Task<int> Failure = Task.FromException<int>(new HttpRequestException());

    private static async Task PacedAsync(ICircuitBreaker breaker, TimeSpan duration)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration && await timer.WaitForNextTickAsync())
        {
            await breaker.ExecuteAsync(BreakerCalls.CallAsync);
        }
    }

    private static Task BusyAsync(ICircuitBreaker breaker, TimeSpan duration, Func<CancellationToken, Task<int>> call) => Task.Run(async () =>
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            await ((Task)breaker.ExecuteAsync(call)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    private ref long SentTo(GrainId grain) => ref _sent.GetOrAdd(grain, _ => new StrongBox<long>()).Value;
}
