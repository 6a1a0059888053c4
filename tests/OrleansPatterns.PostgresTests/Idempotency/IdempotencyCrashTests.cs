using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>What becomes of executions when a silo, which is a process here, is killed under them. The executors live.</summary>
public sealed class IdempotencyCrashTests(PostgresServer server) : IAsyncLifetime
{
    private const int Keys = 1_000;
    private const int Duplicates = 16;
    private const int KillAt = Keys / 4;

    private static readonly IdempotencyOptions Parking = new() { OnAbandoned = OnAbandoned.Park, WaitForResult = TimeSpan.FromMinutes(5) };

    private SiloProcessCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloProcessCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public async ValueTask InitializeAsync()
    {
        _cluster = await SiloProcessCluster.StartAsync(server, Patient);
        await _cluster.ConnectAsync(Patient);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task SiloKilled_UnderSixteenDuplicatesOfAThousandKeys_EachRunsOnceAndEveryResultReplays()
    {
        var runs = new ConcurrentDictionary<int, int>();
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var results = new string[Keys][];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Keys),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token },
            async (key, _) =>
            {
                if (key == KillAt)
                {
                    // Keys all around this one are being executed now; the silo is that of one which is done.
                    await Cluster.KillSiloOfAsync(Cluster.Service<IGrainFactory>().GetIdempotencyGrain(KeyOf(key - 100)));
                    killed.SetResult();
                }

                results[key] = await Task.WhenAll(Enumerable.Range(0, Duplicates).Select(duplicate => ExecuteAsync(key, client: duplicate % 2)));
            });

        Assert.Equal(2, Cluster.RunningSilos);
        Assert.Equal(Keys, runs.Count);
        Assert.All(runs, run => Assert.Equal((run.Key, 1), (run.Key, run.Value)));
        for (var key = 0; key < Keys; key++)
        {
            Assert.All(results[key], result => Assert.Equal(ResultOf(key, run: 1), result));
        }

        // And once more from activations that have only read what is stored.
        await SiloProcessCluster.AnswerAsync(async () =>
        {
            await Cluster.Service<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.FromMilliseconds(1), Token);
            return true;
        });
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Keys),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token },
            async (key, _) => Assert.Equal(ResultOf(key, run: 1), await ExecuteAsync(key, client: 0)));
        Assert.All(runs, run => Assert.Equal((run.Key, 1), (run.Key, run.Value)));

        Task<string> ExecuteAsync(int key, int client) => Cluster.Service<IIdempotencyStore>(client).ExecuteAsync(
            KeyOf(key),
            "f",
            async token =>
            {
                var run = runs.AddOrUpdate(key, 1, (_, before) => before + 1);

                if (Math.Abs(key - KillAt) < 24)
                {
                    // Work that is under way when the silo goes.
                    await killed.Task.WaitAsync(token);
                }

                return ResultOf(key, run);
            },
            Parking,
            Token);
    }

    private static string KeyOf(int key) => $"payment-{key}";

    private static string ResultOf(int key, int run) => $"receipt {key}, run {run}";

    /// <summary>A call outlives the time in which the cluster finds out who is gone.</summary>
    private static void Patient(IClientBuilder client) =>
        client.Services.Configure<ClusterCallOptions>(options => options.RetryFor = TimeSpan.FromMinutes(2));
}
