using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>What happens to one silo, or to all, and how it is put right again.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Length">Until when it is left as it is.</param>
/// <param name="Begin">Brings it about.</param>
/// <param name="End">Puts it right.</param>
/// <param name="HitsAll">Keys of all silos count, not only those of the one.</param>
internal sealed record RecoveryFault(
    string Name, TimeSpan Length, Func<ChaosCluster, SiloSlot, Task> Begin, Func<ChaosCluster, SiloSlot, Task> End, bool HitsAll = false)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(40);

    internal static readonly IReadOnlyList<RecoveryFault> All =
    [
        new("a silo is killed, none takes its place", Long, (_, silo) => Kill(silo, Long), Nothing),
        new("a silo is killed and started again at once", Long, (_, silo) => Kill(silo, TimeSpan.FromMilliseconds(200)), Nothing),
        new("a silo is stopped in order (SIGTERM)", Long, (_, silo) => silo.Slot.SignalAsync("TERM"), Nothing),
        new("a silo stands still (SIGSTOP)", Long, (_, silo) => silo.Slot.SignalAsync("STOP"), (_, silo) => silo.Slot.SignalAsync("CONT")),
        new("a silo is cut off from the other silos", Long, (cluster, silo) => Part(cluster, silo, Cut.Both), (cluster, silo) => Part(cluster, silo, Cut.None)),
        new("a silo is cut off from PostgreSQL", Long, (_, silo) => Strand(silo, Cut.Both), (_, silo) => Strand(silo, Cut.None)),
        new("all silos are killed and started again at once", Long, (cluster, _) => KillAll(cluster), Nothing, HitsAll: true),
        new("PostgreSQL is killed and started again at once", Long, (cluster, _) => RestartAsync(cluster, TimeSpan.Zero), Nothing, HitsAll: true),
        new("PostgreSQL is away for 20 s (which count)", Long, (cluster, _) => RestartAsync(cluster, TimeSpan.FromSeconds(20)), Nothing, HitsAll: true),
    ];

    private static Task Nothing(ChaosCluster cluster, SiloSlot silo) => Task.CompletedTask;

    private static Task Kill(SiloSlot silo, TimeSpan emptyFor)
    {
        silo.Slot.EmptyFor = emptyFor;
        silo.Slot.Kill();
        return Task.CompletedTask;
    }

    private static Task KillAll(ChaosCluster cluster) =>
        Task.WhenAll(cluster.Silos.Select(silo => Kill(silo, TimeSpan.FromMilliseconds(200))));

    private static async Task RestartAsync(ChaosCluster cluster, TimeSpan away)
    {
        await cluster.Postgres.CrashAsync(CancellationToken.None);
        await Task.Delay(away, cluster.Time, CancellationToken.None);
        await cluster.Postgres.StartAgainAsync(CancellationToken.None);
    }

    private static Task Part(ChaosCluster cluster, SiloSlot silo, Cut cut)
    {
        cluster.CutFromSilos(silo, cut);
        return Task.CompletedTask;
    }

    private static Task Strand(SiloSlot silo, Cut cut)
    {
        silo.ToDatabase.Cut = cut;
        return Task.CompletedTask;
    }
}
