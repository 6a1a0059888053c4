using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>Brings about what a schedule says, and heals it.</summary>
internal sealed class FaultInjector(ChaosCluster cluster, string logPath, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>A database that is starting must not be stopped: on a busy machine it may not be up again when the next fault is due.</summary>
    private readonly SemaphoreSlim _database = new(1, 1);
    private readonly Dictionary<FaultKind, int> _counts = [];

    /// <summary>How many of each kind were brought about.</summary>
    internal IReadOnlyDictionary<FaultKind, int> Counts
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<FaultKind, int>(_counts);
            }
        }
    }

    /// <summary>Runs through a schedule; returns when the last fault is healed, or as soon as one cannot be.</summary>
    internal async Task RunAsync(IReadOnlyList<Fault> schedule, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var startedAt = time.GetTimestamp();
        await Task.WhenAll(schedule.Select(async fault =>
        {
            try
            {
                var wait = fault.At - time.GetElapsedTime(startedAt);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, failed.Token);
                await InjectAsync(fault);
            }
            catch (Exception)
            {
                await failed.CancelAsync();
                throw;
            }
        }));
    }

    public void Dispose() => _database.Dispose();

    private void Log(string what)
    {
        lock (_gate)
        {
            File.AppendAllText(logPath, $"{MonotonicClock.Now} {what}\n");
        }
    }

    private async Task InjectAsync(Fault fault)
    {
        lock (_gate)
        {
            _counts[fault.Kind] = _counts.GetValueOrDefault(fault.Kind) + 1;
        }

        Log($"{fault}");
        await BringAboutAsync(fault);
        Log($"{fault.Kind} is healed");
    }

    private async Task BringAboutAsync(Fault fault)
    {
        var silo = cluster.Silos[fault.Target % cluster.Silos.Count];
        var worker = cluster.Workers[fault.Target % cluster.Workers.Count];
        switch (fault.Kind)
        {
            case FaultKind.KillSilo:
                silo.Slot.EmptyFor = fault.Duration;
                silo.Slot.Kill();
                break;
            case FaultKind.StopSilo:
                await silo.Slot.SignalAsync("TERM");
                break;
            case FaultKind.PauseSilo:
                await silo.Slot.SignalAsync("STOP");
                await LastAsync(fault);
                await silo.Slot.SignalAsync("CONT");
                break;
            case FaultKind.JoinSilo:
                await using (var more = cluster.NewSilo(cluster.Silos.Count + Counts[FaultKind.JoinSilo]))
                {
                    more.Slot.Start();
                    await LastAsync(fault);
                    await more.LeaveAsync();
                }

                break;
            case FaultKind.KillWorker:
                worker.Slot.EmptyFor = fault.Duration;
                worker.Slot.Kill();
                break;
            case FaultKind.PauseWorker:
                await worker.Slot.SignalAsync("STOP");
                await LastAsync(fault);
                await worker.Slot.SignalAsync("CONT");
                break;
            case FaultKind.CrashDatabase:
                await TakeDatabaseAwayAsync(cluster.Postgres.CrashAsync, fault);
                break;
            case FaultKind.StopDatabase:
                await TakeDatabaseAwayAsync(cluster.Postgres.StopAsync, fault);
                break;
            case FaultKind.CutSiloFromDatabase:
                await CutAsync(silo.ToDatabase, fault);
                break;
            case FaultKind.CutSiloFromSilos:
                cluster.CutFromSilos(silo, fault.Cut);
                await LastAsync(fault);
                cluster.CutFromSilos(silo, Cut.None);
                break;
            case FaultKind.CutWorkersFromSilo:
                await CutAsync(silo.FromWorkers, fault);
                break;
            case FaultKind.DropDatabaseConnections:
                foreach (var one in cluster.Silos)
                {
                    one.ToDatabase.Drop();
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "The schedule has a fault that nobody knows how to bring about.");
        }
    }

    private async Task TakeDatabaseAwayAsync(Func<CancellationToken, Task> end, Fault fault)
    {
        await _database.WaitAsync();
        try
        {
            await end(CancellationToken.None);
            await LastAsync(fault);
            await cluster.Postgres.StartAgainAsync(CancellationToken.None);
        }
        finally
        {
            _database.Release();
        }
    }

    private async Task CutAsync(CutProxy way, Fault fault)
    {
        way.Cut = fault.Cut;
        await LastAsync(fault);
        way.Cut = Cut.None;
    }

    private Task LastAsync(Fault fault) => Task.Delay(fault.Duration, time, CancellationToken.None);
}
