using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>How long it takes from the call that registers an instance in one process until another that watches has it in its list.</summary>
/// <remarks>Between two changes is a pause of up to 300 ms, by chance: pushes within 100 ms of one another go together, so some wait for that.</remarks>
internal sealed class VisibilityCases(IServiceRegistry registering, IServiceRegistry watching, TimeProvider time)
{
    private const string Service = "visible";

    internal static IEnumerable<BenchmarkCase> All(BenchmarkEnvironment environment)
    {
        VisibilityCases? started = null;
        return [Case("p50", 0.5), Case("p99", 0.99)];

        BenchmarkCase Case(string name, double share) => new(
            $"registered until a watcher has it, {name}", "ms", HigherIsBetter: false,
            [new("OrleansPatterns, client", async duration => await (started ??= await StartAsync(environment)).MeasureAsync(duration, share))]);
    }

    private static async Task<VisibilityCases> StartAsync(BenchmarkEnvironment environment)
    {
        var clients = environment.Own(await environment.StartClusterAsync(silos: 1, clients: 2)).Clients;
        return new VisibilityCases(
            clients[0].GetRequiredService<IServiceRegistry>(), clients[1].GetRequiredService<IServiceRegistry>(), clients[0].GetRequiredService<TimeProvider>());
    }

    private async Task<double> MeasureAsync(TimeSpan duration, double share)
    {
        await watching.GetInstancesAsync(Service);
        List<double> times = [];
        var clock = Stopwatch.StartNew();
        do
        {
            var instance = new ServiceInstance { Id = Guid.NewGuid().ToString("N"), Endpoint = InstanceTable.Endpoint };
            var seen = SeesAsync(instance.Id, clock);
            var startedAt = clock.Elapsed;
            await using (await registering.RegisterAsync(Service, instance))
            {
                times.Add((await seen - startedAt).TotalMilliseconds);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300 * Random.Shared.NextDouble()), time);
        }
        while (clock.Elapsed < duration);

        return Measurement.PercentileOf(times, share);
    }

    private async Task<TimeSpan> SeesAsync(string id, Stopwatch clock)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var list in watching.WatchAsync(Service, giveUp.Token))
        {
            if (list.Instances.Any(instance => instance.Id == id))
            {
                return clock.Elapsed;
            }
        }

        throw new InvalidOperationException("The watching ended.");
    }
}
