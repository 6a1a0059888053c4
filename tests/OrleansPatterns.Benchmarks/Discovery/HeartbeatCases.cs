using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>What it costs to keep 100,000 instances alive: 100 processes, each with five instances of each of 200 services.</summary>
/// <remarks>The processes are objects in this one, on one client; their heartbeats are the ones that processes of their own would send.</remarks>
internal sealed class HeartbeatCases(BenchmarkEnvironment environment)
{
    private const int InstancesInAList = 500;
    private const int InstancesInAProcess = 1_000;

    private BenchmarkCluster? _cluster;
    private TimeSpan _interval;
    private double _idle;

    internal IEnumerable<BenchmarkCase> All() =>
    [
        new("heartbeats of 100,000 instances: processor time of all processes for 1,000 of them", "ms", HigherIsBetter: false,
            [new("OrleansPatterns, client", async duration => (await MeasureAsync(duration)).Milliseconds)]),
        new("heartbeats of 100,000 instances in 100 processes: messages to one silo each time", "messages", HigherIsBetter: false,
            [new("OrleansPatterns, client", async duration => (await MeasureAsync(duration)).Messages)]),
    ];

    private async Task<(double Milliseconds, double Messages)> MeasureAsync(TimeSpan duration)
    {
        // In a moment, 2,000 instances have to do, and beat more often.
        var isMoment = duration < TimeSpan.FromSeconds(1);
        var instances = isMoment ? 2_000 : 100_000;
        if (_cluster is null)
        {
            _interval = TimeSpan.FromSeconds(isMoment ? 0.5 : 5);
            _cluster = environment.Own(await environment.StartClusterAsync());
            _idle = (await UseAsync(_cluster, _interval)).Processor / _interval;
            await StartAsync(_cluster.Services, instances);
        }

        var window = _interval * Math.Max(2, Math.Round(duration / _interval));
        var (processor, messages, heard) = await UseAsync(_cluster, window);
        return ((processor - (window * _idle)).TotalMilliseconds * 1_000 / heard, (double)messages * instances / heard);
    }

    private static async Task<(TimeSpan Processor, long Messages, long Instances)> UseAsync(BenchmarkCluster cluster, TimeSpan window)
    {
        var counter = cluster.Services.GetRequiredService<HeartbeatMessages>();
        var (processor, sent) = (cluster.ProcessorTime, counter.Sent);
        await Task.Delay(window, cluster.Services.GetRequiredService<TimeProvider>());
        var after = counter.Sent;
        return (cluster.ProcessorTime - processor, after.Messages - sent.Messages, after.Instances - sent.Instances);
    }

    private async Task StartAsync(IServiceProvider client, int instances)
    {
        var options = Options.Create(new DiscoveryOptions { HeartbeatInterval = _interval });
        List<ServiceHeartbeats> processes = [];
        for (var process = 0; process < instances / InstancesInAProcess; process++)
        {
            processes.Add(environment.Own(ActivatorUtilities.CreateInstance<ServiceHeartbeats>(client, options)));
        }

        // The registrations of one service together: they are written together.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, instances / InstancesInAList),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (service, stop) => await Task.WhenAll(Enumerable.Range(0, InstancesInAList).Select(number =>
            {
                var process = processes[number % processes.Count];
                var instance = new ServiceInstance { Id = Guid.NewGuid().ToString("N"), Endpoint = InstanceTable.Endpoint };
                return process.BeginAsync(new ServiceRegistration($"beats/{service}", instance, process), stop);
            })));
    }
}
