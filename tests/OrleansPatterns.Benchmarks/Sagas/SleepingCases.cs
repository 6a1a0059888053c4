using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>Ten thousand sagas asleep: how late they are woken, where their times are spread and where all have the same. Measured once in a run.</summary>
internal sealed class SleepingCases(ISagaClient sagas, TimeProvider time)
{
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(20);

    private Task<List<double>>? _spread;
    private Task<List<double>>? _together;

    internal IEnumerable<BenchmarkCase> All =>
    [
        Lateness("10,000 sagas asleep, due within 20 s", duration => _spread ??= MeasureAsync(duration, Spread)),
        Lateness("10,000 sagas asleep, due in the same moment", duration => _together ??= MeasureAsync(duration, TimeSpan.Zero)),
    ];

    /// <summary>With less than a second, a hundredth of them does.</summary>
    private static int CountOf(TimeSpan duration) => duration < TimeSpan.FromSeconds(1) ? 100 : 10_000;

    private static BenchmarkCase Lateness(string name, Func<TimeSpan, Task<List<double>>> measureAsync) => new(
        $"{name}: woken late by", "ms", HigherIsBetter: false,
        [
            new("OrleansPatterns, co-hosted, p50", async duration => Measurement.PercentileOf(await measureAsync(duration), 0.5)),
            new("OrleansPatterns, co-hosted, p99", async duration => Measurement.PercentileOf(await measureAsync(duration), 0.99)),
            new("OrleansPatterns, co-hosted, the last", async duration => Measurement.PercentileOf(await measureAsync(duration), 1)),
        ]);

    /// <summary>All are asleep before the first is due.</summary>
    private async Task<List<double>> MeasureAsync(TimeSpan duration, TimeSpan spread)
    {
        var count = CountOf(duration);
        var group = SagasArea.NewGroup();
        var firstAt = time.GetUtcNow() + TimeSpan.FromSeconds(10 + (count / 300));
        await Load.OnceEachAsync(64, count, number => sagas.StartAsync<SleepingSaga, OrderData>(
            $"{group}/{number}", new OrderData { Text = group, WakesAt = firstAt + (spread * number / count) }));
        if (time.GetUtcNow() >= firstAt)
        {
            throw new InvalidOperationException($"Starting {count} sagas took longer than the first of them was to sleep.");
        }

        var lateness = SleepingSaga.LatenessOf(group);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        while (lateness.Count < count)
        {
            await poll.WaitForNextTickAsync();
        }

        return [.. lateness];
    }
}
