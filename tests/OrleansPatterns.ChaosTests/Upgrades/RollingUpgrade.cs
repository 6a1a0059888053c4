using System.Globalization;
using Npgsql;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Upgrades;

/// <summary>Brings a cluster from one build to another, a silo and a client at a time, as a deployment does while there is load.</summary>
internal sealed class RollingUpgrade(ChaosCluster cluster, EarlierBuild earlier, TimeProvider time)
{
    /// <summary>For so long old and new silos serve the same keys before the next one goes.</summary>
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(5);

    private const int Active = 3;

    private int _moves;

    /// <returns>How many silos were stopped for it.</returns>
    internal async Task<IReadOnlyDictionary<FaultKind, int>> RunAsync(CancellationToken cancellationToken)
    {
        await WaitUntilActiveAsync(cluster.Silos, afterGeneration: 0, cancellationToken);
        await Task.Delay(Load, time, cancellationToken);
        foreach (var (silo, worker) in cluster.Silos.Zip(cluster.Workers))
        {
            await MoveAsync(silo, ChaosProcess.ThisBuild, cancellationToken);
            if (silo.Index == 0 && await MayGoBackAsync())
            {
                // Somebody had second thoughts.
                await MoveAsync(silo, earlier.Program, cancellationToken);
                await MoveAsync(silo, ChaosProcess.ThisBuild, cancellationToken);
            }

            worker.Program = ChaosProcess.ThisBuild;
            worker.Slot.EndInput();
            await Task.Delay(Load, time, cancellationToken);
        }

        // Not before: a client waits for the schema of its build, which only silos of that build bring.
        await cluster.ConnectAsync(cancellationToken);
        return new Dictionary<FaultKind, int> { [FaultKind.StopSilo] = _moves };
    }

    /// <summary>Whether the scripts that the first new silo has run leave a schema that the earlier build starts on.</summary>
    private async Task<bool> MayGoBackAsync() =>
        (await cluster.ReadAsync("select max(coalesce(compatible_from, version)) from orleanspatterns_schema", row => row.GetInt32(0)))[0] <= earlier.SchemaVersion;

    private async Task MoveAsync(SiloSlot silo, string program, CancellationToken cancellationToken)
    {
        var generation = await GenerationAsync(silo);
        silo.Program = program;
        _moves++;
        await silo.Slot.SignalAsync("TERM");
        await WaitUntilActiveAsync([silo], generation, cancellationToken);
        await Task.Delay(Load, time, cancellationToken);
    }

    private async Task WaitUntilActiveAsync(IReadOnlyList<SiloSlot> silos, int afterGeneration, CancellationToken cancellationToken)
    {
        foreach (var silo in silos)
        {
            while (await GenerationAsync(silo) <= afterGeneration)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
            }
        }
    }

    /// <summary>Orleans' number of the silo's process that is a member; 0: none is.</summary>
    private async Task<int> GenerationAsync(SiloSlot silo)
    {
        try
        {
            var generations = await cluster.ReadAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"select coalesce(max(generation), 0) from orleans_membership where port = {silo.FromSilos.EndPoint.Port} and status = {Active}"),
                row => row.GetInt32(0));
            return generations[0];
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // The first silo is about to create it.
            return 0;
        }
    }
}
