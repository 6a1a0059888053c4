using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.ChaosTests.CircuitBreakers;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Discovery;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.ChaosTests.Idempotency;
using OrleansPatterns.ChaosTests.Locks;
using OrleansPatterns.ChaosTests.Nemesis;
using OrleansPatterns.ChaosTests.Sagas;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.ChaosTests.Runs;

/// <summary>Load, faults, quiet; then what has become of everything, held against what was promised.</summary>
internal sealed class ChaosRun(int seed, TimeProvider time)
{
    private static readonly (string Step, int Stage)[] Stages = [("a", 0), ("b", 1), ("c", 1), ("d", 2), ("e", 3)];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Where histories and what the processes said are left.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory($"orleanspatterns-chaos-{seed}-").FullName;

    /// <summary>With faults as the seed draws them.</summary>
    internal Task<ChaosReport> RunAsync(
        TimeSpan length, IReadOnlyCollection<FaultKind>? kinds = null, CancellationToken cancellationToken = default) => RunAsync(
        ChaosProcess.ThisBuild,
        async cluster =>
        {
            await cluster.ConnectAsync(cancellationToken);
            using var nemesis = new FaultInjector(cluster, Path.Combine(Folder, "faults.log"), time);
            await Task.WhenAll(
                nemesis.RunAsync(FaultSchedule.Draw(seed, length, kinds), cancellationToken), Task.Delay(length, time, cancellationToken));
            return nemesis.Counts;
        },
        cancellationToken);

    /// <summary>With whatever is done to the cluster.</summary>
    /// <param name="program">The build that all processes are of at first.</param>
    /// <param name="disturbAsync">Connects our own client, and does what is to be done while there is load; when it is over the load ends.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    internal async Task<ChaosReport> RunAsync(
        string program, Func<ChaosCluster, Task<IReadOnlyDictionary<FaultKind, int>>> disturbAsync, CancellationToken cancellationToken)
    {
        await using var cluster = await ChaosCluster.StartAsync(seed, Folder, time, ChaosCluster.WorkerCount, program, cancellationToken);
        var startedAt = time.GetTimestamp();
        var faults = await disturbAsync(cluster);
        var length = time.GetElapsedTime(startedAt);
        foreach (var worker in cluster.Workers)
        {
            await worker.EndAsync(Patience);
        }

        // The server that these connections were made to may be gone.
        cluster.Database.Clear();
        await BreakerWorkload.NoteStatusAsync(cluster.Client.Services, Path.Combine(Folder, "breakers.history"));
        var history = History.Read(Folder);
        var (locks, executions, starts) = (Of(LockActions.Acquire, LockActions.Hold, LockActions.Release, LockActions.Write), Of(IdempotencyActions.Execute), Of(SagaActions.Start));
        var replays = await ReplayAsync(cluster, executions);
        var works = await cluster.ReadAsync(
            "select key, id, process from work", row => new Work(row.GetString(0), row.GetString(1), row.GetString(2)));
        var ends = await EndAsync(cluster, starts);
        var effects = await cluster.ReadAsync("select saga, step from effects", row => new Effect(row.GetString(0), row.GetString(1)));
        var trail = await cluster.ReadAsync(
            "select number, saga, step, is_undo, attempt from trail order by number",
            row => new TrailEntry(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetInt32(4)));

        // For whoever looks for the cause of a violation.
        await File.WriteAllLinesAsync(
            Path.Combine(Folder, "trail.txt"),
            await cluster.ReadAsync(
                "select saga || ' ' || number || ' ' || step || case when is_undo then ' undo ' else ' ' end || attempt || ' by ' || process || ' at ' || at "
                + "from trail order by saga, number",
                row => row.GetString(0)),
            cancellationToken);

        List<string> ofLocks =
        [
            .. LockChecker.Violations(locks),
            .. LockLinearizability.Violations(locks),
            .. SurpriseChecker.Violations([.. locks.Where(operation => operation.Action == LockActions.Acquire)], nameof(LockUnavailableException)),
        ];
        List<string> ofIdempotency =
        [
            .. IdempotencyChecker.Violations([.. executions, .. replays], works),
            .. SurpriseChecker.Violations(
                executions,
                nameof(ClusterUnavailableException),
                nameof(WorkFailedException),
                nameof(IdempotencyExecutionLostException),
                nameof(IdempotencyFailedException),
                nameof(IdempotencyInProgressException),
                nameof(IdempotencyParkedException)),
        ];
        List<string> ofSagas =
        [
            .. SagaChecker.Violations(starts, ends, effects, trail, Stages),
            .. SurpriseChecker.Violations(starts, nameof(ClusterUnavailableException), nameof(UnknownSagaException)),
        ];
        var discovery = DiscoveryChecker.Check(history);
        var breakers = Of(BreakerActions.All);
        var ofBreakers = BreakerChecker.Check(breakers);
        return new ChaosReport(
            seed,
            length,
            faults,
            [
                PatternTally.Of("locks", [.. locks.Where(operation => operation.Action == LockActions.Acquire)], ofLocks.Count),
                PatternTally.Of("idempotency", [.. executions, .. replays], ofIdempotency.Count),
                PatternTally.Of("sagas", starts, ofSagas.Count),
                PatternTally.Of("discovery", Of(DiscoveryActions.Register, DiscoveryActions.Deregister), discovery.Violations.Count),
                PatternTally.Of("breakers", [.. breakers.Where(operation => BreakerActions.Calls.Contains(operation.Action))], ofBreakers.Violations.Count),
            ],
            [.. ofLocks, .. ofIdempotency, .. ofSagas, .. discovery.Violations, .. ofBreakers.Violations],
            [$"{discovery}", $"{ofBreakers}"]);

        List<Operation> Of(params string[] actions) => [.. history.Where(operation => actions.Contains(operation.Action))];
    }

    /// <summary>Whatever somebody was given as a result is asked for again, by one who has not had it.</summary>
    private async Task<IReadOnlyList<Operation>> ReplayAsync(ChaosCluster cluster, IReadOnlyList<Operation> executions)
    {
        using (var history = new HistoryWriter(Path.Combine(Folder, "afterwards.history")))
        {
            var workload = new IdempotencyWorkload(cluster.Client.Services.GetRequiredService<IIdempotencyStore>(), cluster.Database, history, time);
            await Parallel.ForEachAsync(
                executions.Where(execution => execution.Outcome == Outcome.Ok).Select(execution => execution.Key).Distinct(),
                new ParallelOptions { MaxDegreeOfParallelism = 16 },
                async (key, _) => await workload.ExecuteAsync(IdempotencyActions.Replay, key, TimeSpan.Zero));
        }

        return [.. History.Read(Folder).Where(operation => operation.Action == IdempotencyActions.Replay)];
    }

    /// <summary>How the sagas have ended; those still under way are waited for.</summary>
    private async Task<IReadOnlyDictionary<string, SagaEnd>> EndAsync(ChaosCluster cluster, IReadOnlyList<Operation> starts)
    {
        var sagas = cluster.Client.Services.GetRequiredService<ISagaClient>();
        var ends = new System.Collections.Concurrent.ConcurrentDictionary<string, SagaEnd>();
        using var patience = new CancellationTokenSource(Patience, time);
        await Parallel.ForEachAsync(
            starts.Select(start => start.Key).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (id, _) =>
            {
                try
                {
                    var status = await sagas.WaitForCompletionAsync(id, patience.Token);
                    ends[id] = new SagaEnd(status.Phase.ToString(), status.StuckReason);
                }
                catch (SagaNotFoundException)
                {
                    // Of one whose start was not acknowledged that may be.
                }
                catch (OperationCanceledException)
                {
                    var status = await sagas.GetStatusAsync(id, CancellationToken.None);
                    ends[id] = new SagaEnd(status.Phase.ToString(), status.StuckReason);
                }
            });
        return ends;
    }
}
