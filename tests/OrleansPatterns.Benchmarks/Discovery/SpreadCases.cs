using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>How long it takes from the answer to a registration until the last of many watchers has the change.</summary>
/// <remarks>
/// The answer may come behind pushes, so the time from the call is measured too. Changes are at least 150 ms apart, so that each is pushed by itself.
/// All watchers are in this process, on four clients.
/// </remarks>
internal sealed class SpreadCases
{
    private const int Clients = 4;
    private const int Instances = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly IReadOnlyList<IServiceProvider> _clients;
    private readonly TimeProvider _time;

    /// <summary>Orleans holds observers weakly.</summary>
    private readonly List<(SpreadWatcher Watcher, IServiceObserver Reference, IServiceGrain Service)> _watchers = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Waiting? _waiting;

    private SpreadCases(IReadOnlyList<IServiceProvider> clients)
    {
        _clients = clients;
        _time = clients[0].GetRequiredService<TimeProvider>();
    }

    internal static IEnumerable<BenchmarkCase> All(BenchmarkEnvironment environment)
    {
        SpreadCases? started = null;
        return [Case("p50", 0.5), Case("p99", 0.99), Case("max", 1), Case("from the call, p99", 0.99, fromCall: true)];

        BenchmarkCase Case(string name, double share, bool fromCall = false) => new(
            $"a change in the last of 1,000 watchers, {name}", "ms", HigherIsBetter: false,
            [new("OrleansPatterns, client", async duration => await (started ??= await StartAsync(environment, duration)).MeasureAsync(duration, share, fromCall))]);
    }

    /// <param name="environment">Starts silo and clients.</param>
    /// <param name="duration">In a moment a tenth of the watchers has to do.</param>
    private static async Task<SpreadCases> StartAsync(BenchmarkEnvironment environment, TimeSpan duration)
    {
        var spread = new SpreadCases(environment.Own(await environment.StartClusterAsync(silos: 1, Clients)).Clients);
        await Task.WhenAll(Enumerable.Range(0, Instances).Select(number => spread.RegisterAsync(number, "first")));
        for (var number = 0; number < (duration < TimeSpan.FromSeconds(1) ? 100 : 1_000); number++)
        {
            var grains = spread._clients[number % Clients].GetRequiredService<IGrainFactory>();
            var watcher = new SpreadWatcher(spread.Hear);
            spread._watchers.Add((watcher, grains.CreateObjectReference<IServiceObserver>(watcher), grains.GetServiceGrain(Picks.Service)));
        }

        return spread;
    }

    private async Task<double> MeasureAsync(TimeSpan duration, double share, bool fromCall)
    {
        List<double> times = [];
        var startedAt = _clock.Elapsed;
        for (var change = 0; change == 0 || _clock.Elapsed - startedAt < duration; change++)
        {
            // A subscription lasts a minute.
            if (change % 100 == 0)
            {
                await Task.WhenAll(_watchers.Select(static watcher => watcher.Service.WatchAsync(watcher.Reference, Guid.Empty, -1)));
            }

            await Task.Delay(Pause, _time);
            var version = Guid.NewGuid().ToString("N");
            var waiting = _waiting = new Waiting(version, _watchers.Count);
            var calledAt = _clock.Elapsed;
            await RegisterAsync(change % Instances, version);
            var since = fromCall ? calledAt : _clock.Elapsed;
            var last = await waiting.Last.Task.WaitAsync(TimeSpan.FromSeconds(30), _time);
            times.Add(Math.Max(0, (last - since).TotalMilliseconds));
        }

        return Measurement.PercentileOf(times, share);
    }

    private Task<HeartbeatReply> RegisterAsync(int number, string version) => _clients[0].GetRequiredService<IGrainFactory>().GetServiceGrain(Picks.Service).RegisterAsync(
        new ServiceInstance { Id = $"{number}", Endpoint = InstanceTable.Endpoint, Version = version, Lease = TimeSpan.FromHours(1), RemoveAfter = TimeSpan.FromHours(1) });

    private void Hear(string version)
    {
        if (_waiting is { } waiting && waiting.Version == version && waiting.HearOne() == 0)
        {
            waiting.Last.TrySetResult(_clock.Elapsed);
        }
    }

    private sealed class Waiting(string version, int watchers)
    {
        private int _left = watchers;

        public string Version => version;

        public TaskCompletionSource<TimeSpan> Last { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int HearOne() => Interlocked.Decrement(ref _left);
    }
}
