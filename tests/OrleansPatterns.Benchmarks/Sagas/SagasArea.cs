using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Benchmarks.Sagas;

/// <summary>A saga of three empty steps from start to known end: what is left is the bookkeeping. And timers.</summary>
internal sealed class SagasArea : IBenchmarkArea
{
    private const int Many = 64;
    private const int Crowd = 512;

    private static long _group;

    public string Name => "sagas";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = (await environment.ClientAsync()).GetRequiredService<ISagaClient>();
        var coHosted = await environment.CoHostedAsync();
        var (ofCoHosted, time) = (coHosted.GetRequiredService<ISagaClient>(), coHosted.GetRequiredService<TimeProvider>());
        var rebus = await environment.DatabaseAsync();
        var writes = new WrittenLog(environment);
        var sleepers = new SleepingCases(ofCoHosted, time);
        return
        [
            Throughput("three steps, 1 at a time", 1),
            Throughput($"three steps, {Many} at a time", Many),
            Throughput($"three steps, {Crowd} at a time", Crowd),
            new(
                $"starts, {Many} at a time", "starts/s", HigherIsBetter: true,
                [
                    new("OrleansPatterns, client", duration => Load.ThroughputAsync(Many, duration, (_, number) => StartAsync(client, number))),
                    new("OrleansPatterns, co-hosted", duration => Load.ThroughputAsync(Many, duration, (_, number) => StartAsync(ofCoHosted, number))),
                ]),
            new(
                $"three steps, {Many} at a time: from start to known end, p99", "ms", HigherIsBetter: false,
                [
                    new("OrleansPatterns, client", duration => PercentileAsync(time, duration, number => RunAsync(client, number))),
                    new("OrleansPatterns, co-hosted", duration => PercentileAsync(time, duration, number => RunAsync(ofCoHosted, number))),
                    new("Rebus.PostgreSql", duration => WithRebusAsync(rebus, bus => PercentileAsync(time, duration, number => bus.RunAsync($"{number}")))),
                ]),
            new(
                "three steps: PostgreSQL's log a saga", "bytes", HigherIsBetter: false,
                [
                    new("OrleansPatterns, co-hosted", duration => writes.OfAsync(Many, duration, number => RunAsync(ofCoHosted, number))),
                    new("Rebus.PostgreSql", duration => WithRebusAsync(rebus, bus => writes.OfAsync(Many, duration, number => bus.RunAsync($"{number}")))),
                ]),
            .. sleepers.All,
        ];

        BenchmarkCase Throughput(string name, int callers) => new(
            name, "sagas/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, client", duration => Load.ThroughputAsync(callers, duration, (_, number) => RunAsync(client, number))),
                new("OrleansPatterns, co-hosted", duration => Load.ThroughputAsync(callers, duration, (_, number) => RunAsync(ofCoHosted, number))),
                new("Rebus.PostgreSql", duration => WithRebusAsync(
                    rebus, bus => Load.ThroughputAsync(callers, duration, (_, number) => bus.RunAsync($"{number}")))),
            ]);
    }

    internal static async Task RunAsync(ISagaClient sagas, long number)
    {
        var id = $"saga-{number}";
        await sagas.StartAsync<ThreeStepSaga, OrderData>(id, new OrderData { Text = "benchmark" });
        var status = await sagas.WaitForCompletionAsync(id);
        if (status.Phase != SagaPhase.Completed)
        {
            throw new InvalidOperationException($"{id} ended as {status.Phase}.");
        }
    }

    /// <summary>The bus only for its own turn: its workers ask for messages all the time, which is work for the machine that others are measured on.</summary>
    private static async Task<double> WithRebusAsync(string connectionString, Func<RebusSaga, Task<double>> measureAsync)
    {
        await using var bus = new RebusSaga(connectionString);
        return await measureAsync(bus);
    }

    /// <summary>A new text in each call, by which a round's sagas are told from those of others.</summary>
    internal static string NewGroup() => string.Create(CultureInfo.InvariantCulture, $"group {Interlocked.Increment(ref _group)}");

    /// <summary>Starts one that sleeps long past the benchmark: the start and nothing else.</summary>
    private static Task<SagaStatus> StartAsync(ISagaClient sagas, long number) => sagas.StartAsync<SleepingSaga, OrderData>(
        $"sleeper-{number}", new OrderData { Text = "asleep", WakesAt = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero) });

    private static async Task<double> PercentileAsync(TimeProvider time, TimeSpan duration, Func<long, Task> call)
    {
        var times = new ConcurrentQueue<double>();
        await Load.ThroughputAsync(Many, duration, async (_, number) =>
        {
            var startedAt = time.GetTimestamp();
            await call(number);
            times.Enqueue(time.GetElapsedTime(startedAt).TotalMilliseconds);
        });
        return Measurement.PercentileOf(times, 0.99);
    }
}
