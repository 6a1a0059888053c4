using System.Diagnostics;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>Callers that each make one call after the other.</summary>
internal static class Load
{
    private static long _number;

    /// <summary>Calls a second of all callers together. The first fault ends the run: a failed call is no throughput.</summary>
    /// <param name="callers">How many at the same time.</param>
    /// <param name="duration">How long.</param>
    /// <param name="call">Gets the caller's number and a number that is new in each call of this process.</param>
    internal static async Task<double> ThroughputAsync(int callers, TimeSpan duration, Func<int, long, Task> call)
    {
        var calls = 0L;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (clock.Elapsed < duration)
            {
                await call(caller, Interlocked.Increment(ref _number));
                Interlocked.Increment(ref calls);
            }
        })));
        return calls / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Calls, with a new number each, until it is over; a call that is under way then is waited for.</summary>
    internal static Task UntilAsync(int callers, Func<bool> isOver, Func<long, Task> call) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (!isOver())
            {
                await call(Interlocked.Increment(ref _number));
            }
        })));

    /// <summary>Makes each of the calls once and answers with calls a second and the median time of one, in milliseconds.</summary>
    internal static async Task<(double PerSecond, double MedianMilliseconds)> OnceEachAsync(int callers, int calls, Func<int, Task> call)
    {
        var times = new double[calls];
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < calls)
            {
                var startedAt = clock.Elapsed;
                await call(number);
                times[number] = (clock.Elapsed - startedAt).TotalMilliseconds;
            }
        })));
        return (calls / clock.Elapsed.TotalSeconds, Measurement.MedianOf(times));
    }
}
