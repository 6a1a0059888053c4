using System.Globalization;
using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>Measures how long the keys of a silo are without an answer when something happens to it, one fault after the other.</summary>
internal sealed class RecoveryRun(int rounds, string? only, TimeProvider time)
{
    private const string March = "sagas, a step under way";
    private const int KeysOfEach = 9;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>From the command line.</summary>
    internal static async Task<int> RunAsync(string[] options)
    {
        if (options is not ([] or [_] or [_, _]) || !int.TryParse(options.ElementAtOrDefault(0) ?? "1", CultureInfo.InvariantCulture, out var rounds) || rounds < 1)
        {
            await Console.Error.WriteLineAsync("--recovery [rounds, from 1] [part of a fault's name]");
            return 2;
        }

        Console.WriteLine(RecoveryFigure.Header);
        await new RecoveryRun(rounds, options.ElementAtOrDefault(1), new SkewedTime(TimeSpan.Zero)).MeasureAllAsync();
        return 0;
    }

    private async Task MeasureAllAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orleanspatterns-recovery-").FullName;
        Console.WriteLine($"What the silos say: {folder}");
        await using var cluster = await ChaosCluster.StartAsync(0, folder, time, workers: 0, ChaosProcess.ThisBuild, CancellationToken.None);
        await cluster.ConnectAsync();
        foreach (var fault in RecoveryFault.All.Where(fault => only is null || fault.Name.Contains(only, StringComparison.Ordinal)))
        {
            List<RecoveryFigure> ofFault = [];
            for (var round = 0; round < rounds; round++)
            {
                ofFault.AddRange(await MeasureAsync(cluster, fault, cluster.Silos[round % cluster.Silos.Count]));
            }

            foreach (var pattern in ofFault.GroupBy(figure => figure.Pattern))
            {
                Console.WriteLine(new RecoveryFigure(
                    fault.Name, pattern.Key, [.. pattern.SelectMany(figure => figure.Hit)], [.. pattern.SelectMany(figure => figure.Others)]));
            }
        }
    }

    private async Task<IReadOnlyList<RecoveryFigure>> MeasureAsync(ChaosCluster cluster, RecoveryFault fault, SiloSlot silo)
    {
        await AllUpAsync(cluster);
        var run = Guid.NewGuid().ToString("N");
        var services = cluster.Client.Services;
        List<KeyProbe> probes = [.. Enumerable.Range(0, KeysOfEach).SelectMany(number => Probes(services, string.Create(CultureInfo.InvariantCulture, $"{run}-{number}")))];
        var marches = await StartMarchesAsync(services, run);
        using var quiet = new CancellationTokenSource();
        var asking = probes.Select(probe => probe.RunAsync(quiet.Token)).ToList();
        await Task.Delay(Before, time);

        var management = services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        var hit = new HashSet<object>();
        foreach (var (key, grain) in probes.Select(probe => ((object)probe, probe.Grain)).Concat(marches.Select(march => ((object)march.Key, march.Value))))
        {
            if (fault.HitsAll || (await management.GetActivationAddress(grain))?.Endpoint.Port == silo.FromSilos.EndPoint.Port)
            {
                hit.Add(key);
            }
        }

        var beganAt = MonotonicClock.Now;
        await fault.Begin(cluster, silo);
        await Task.Delay(fault.Length, time);
        await fault.End(cluster, silo);
        await AllUpAsync(cluster);
        await Task.Delay(Before, time);
        await quiet.CancelAsync();
        await Task.WhenAll(asking);
        var endedAt = MonotonicClock.Now;

        cluster.Database.Clear();
        var beats = (await cluster.ReadAsync("select saga, at from march", row => (Saga: row.GetString(0), At: row.GetInt64(1))))
            .Where(beat => marches.ContainsKey(beat.Saga))
            .ToLookup(beat => beat.Saga, beat => beat.At);
        foreach (var march in marches.Keys)
        {
            await services.GetRequiredService<ISagaClient>().CancelAsync(march);
        }

        var answers = probes.Select(probe => (probe.Pattern, Key: (object)probe, probe.Answers))
            .Concat(marches.Keys.Select(march => (Pattern: March, Key: (object)march, Answers: (IReadOnlyList<long>)[.. beats[march].Order()])));
        return
        [
            .. answers.GroupBy(key => key.Pattern).Select(pattern => new RecoveryFigure(
                fault.Name,
                pattern.Key,
                [.. pattern.Where(key => hit.Contains(key.Key)).Select(key => LongestGap(key.Answers, beganAt, endedAt))],
                [.. pattern.Where(key => !hit.Contains(key.Key)).Select(key => LongestGap(key.Answers, beganAt, endedAt))])),
        ];
    }

    private IEnumerable<KeyProbe> Probes(IServiceProvider services, string key)
    {
        var grains = services.GetRequiredService<IGrainFactory>();
        var locks = services.GetRequiredService<IDistributedLockProvider>();
        yield return Probe("locks", grains.GetLockGrain(key), async () =>
        {
            await using var handle = await locks.AcquireLockAsync(key, TimeSpan.FromMinutes(1));
        });
        var store = services.GetRequiredService<IIdempotencyStore>();
        yield return Probe("idempotency", grains.GetIdempotencyGrain(key), () => store.ExecuteAsync(key, RequestFingerprint.OfText(key), _ => Task.FromResult(key)));
        var registry = services.GetRequiredService<IServiceRegistry>();
        yield return Probe("discovery, registering", grains.GetServiceGrain(key), async () =>
        {
            await using var registration = await registry.RegisterAsync(key, new Uri("http://localhost:1"));
        });
        var breakers = services.GetRequiredService<ICircuitBreakerProvider>();
        yield return Probe("breakers, closing by hand", grains.GetBreakerGrain(key), () => breakers.Get(key).CloseAsync());

        KeyProbe Probe(string pattern, IAddressable grain, Func<Task> call) => new(pattern, grain, call, time);
    }

    private static async Task<IReadOnlyDictionary<string, IAddressable>> StartMarchesAsync(IServiceProvider services, string run)
    {
        var (sagas, grains) = (services.GetRequiredService<ISagaClient>(), services.GetRequiredService<IGrainFactory>());
        Dictionary<string, IAddressable> marches = [];
        for (var number = 0; number < KeysOfEach; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"march-{run}-{number}");
            await sagas.StartAsync<MarchSaga, MarchData>(id, new MarchData());
            marches.Add(id, grains.GetSagaGrain(id));
        }

        return marches;
    }

    /// <summary>Waits until all silos say that they are members, and nobody else does.</summary>
    private async Task AllUpAsync(ChaosCluster cluster)
    {
        var startedAt = time.GetTimestamp();
        while (time.GetElapsedTime(startedAt) < Patience)
        {
            try
            {
                var hosts = await cluster.Client.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
                if (hosts.Count == cluster.Silos.Count)
                {
                    return;
                }
            }
            catch (Exception)
            {
                // Nobody can tell just now.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), time);
        }

        throw new TimeoutException($"The {cluster.Silos.Count} silos did not come together within {Patience}.");
    }

    private static TimeSpan LongestGap(IReadOnlyList<long> answers, long beganAt, long endedAt)
    {
        List<long> moments = [beganAt, .. answers.Where(at => at > beganAt && at < endedAt), endedAt];
        return TimeSpan.FromMicroseconds(moments.Zip(moments.Skip(1), (one, next) => next - one).Max() / 1000.0);
    }
}
