using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Benchmarks.Idempotency;

/// <summary>First executions, replays and duplicates, beside the table that teams write by hand.</summary>
internal sealed class IdempotencyArea : IBenchmarkArea
{
    private const int Duplicates = 16;
    private const int ColdKeys = 2_000;
    private static readonly TimeSpan WorkTime = TimeSpan.FromMilliseconds(5);

    private static long _group;

    public string Name => "idempotency";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = await environment.ClientAsync();
        var time = client.GetRequiredService<TimeProvider>();
        var coHosted = await environment.CoHostedAsync();
        var byHand = environment.Own(await TableByHand.CreateAsync(await environment.DatabaseAsync(), time));
        Execution ofClient = (key, work) => ExecuteAsync(client, key, work);
        Execution ofCoHosted = (key, work) => ExecuteAsync(coHosted, key, work);

        List<BenchmarkCase> cases = [];
        foreach (var callers in new[] { 1, 64 })
        {
            cases.Add(Throughput($"first execution, {callers} callers", callers, (_, number) => $"first/{number}"));
            cases.Add(Throughput($"replay, {callers} callers", callers, (caller, _) => $"replay/{callers}/{caller}"));
        }

        cases.Add(new(
            $"replay by a new activation, {ColdKeys:N0} keys once each, 64 callers", "calls/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, client", _ => ReplayColdAsync(ofClient, () => DeactivateAllAsync(client))),
                new("OrleansPatterns, co-hosted", _ => ReplayColdAsync(ofCoHosted, () => DeactivateAllAsync(coHosted))),
                new("SQL by hand", _ => ReplayColdAsync(byHand.ExecuteAsync, () => Task.CompletedTask)),
            ]));
        cases.Add(new(
            $"{Duplicates} duplicates at once, work of 5 ms: until the last has the result, median", "ms", HigherIsBetter: false,
            [
                new("OrleansPatterns, client", duration => DuplicatesAsync(ofClient, time, duration)),
                new("OrleansPatterns, co-hosted", duration => DuplicatesAsync(ofCoHosted, time, duration)),
                new("SQL by hand", duration => DuplicatesAsync(byHand.ExecuteAsync, time, duration)),
            ]));
        cases.AddRange(new SweepCases(environment).All);
        return cases;

        BenchmarkCase Throughput(string name, int callers, Func<int, long, string> key) => new(
            name, "calls/s", HigherIsBetter: true,
            [
                new("OrleansPatterns, client", duration => ThroughputAsync(ofClient, callers, duration, key)),
                new("OrleansPatterns, co-hosted", duration => ThroughputAsync(ofCoHosted, callers, duration, key)),
                new("SQL by hand", duration => ThroughputAsync(byHand.ExecuteAsync, callers, duration, key)),
            ]);
    }

    private delegate Task Execution(string key, Func<Task> work);

    private static Task<string> ExecuteAsync(IServiceProvider services, string key, Func<Task> work) =>
        services.GetRequiredService<IIdempotencyStore>().ExecuteAsync(
            key,
            "fingerprint",
            async _ =>
            {
                await work();
                return "receipt";
            });

    private static Task<double> ThroughputAsync(Execution execute, int callers, TimeSpan duration, Func<int, long, string> key) =>
        Load.ThroughputAsync(callers, duration, (caller, number) => execute(key(caller, number), static () => Task.CompletedTask));

    private static async Task<double> ReplayColdAsync(Execution execute, Func<Task> deactivateAll)
    {
        await Load.OnceEachAsync(64, ColdKeys, number => execute($"cold/{number}", static () => Task.CompletedTask));
        await deactivateAll();
        return (await Load.OnceEachAsync(64, ColdKeys, number => execute($"cold/{number}", RanAgain))).PerSecond;

        static Task RanAgain() => throw new InvalidOperationException("A completed key ran again.");
    }

    private static Task DeactivateAllAsync(IServiceProvider services) =>
        services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.FromMilliseconds(1));

    private static async Task<double> DuplicatesAsync(Execution execute, TimeProvider time, TimeSpan duration)
    {
        List<double> times = [];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < duration;)
        {
            var key = $"group/{Interlocked.Increment(ref _group)}";
            var startedAt = clock.Elapsed;
            await Task.WhenAll(Enumerable.Range(0, Duplicates).Select(_ => Task.Run(() => execute(key, () => Task.Delay(WorkTime, time)))));
            times.Add((clock.Elapsed - startedAt).TotalMilliseconds);
        }

        return Measurement.MedianOf(times);
    }
}
