using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Nemesis;
using OrleansPatterns.ChaosTests.Runs;

namespace OrleansPatterns.ChaosTests.Upgrades;

/// <summary>Versions live together.</summary>
[Collection<Clusters>]
public sealed class UpgradeTests
{
    private const int Seed = 11;

    [Fact(Timeout = 900_000)]
    public async Task Silos_OfAnEarlierBuildAndThisOne_ServeTheSameKeys_UnderLoad()
    {
        var token = TestContext.Current.CancellationToken;
        var time = new SkewedTime(TimeSpan.Zero);
        using var earlier = await EarlierBuild.MakeAsync(token);
        var run = new ChaosRun(Seed, time);
        IReadOnlyList<int> exits = [];

        var report = await run.RunAsync(
            earlier.Program,
            async cluster =>
            {
                var moves = await new RollingUpgrade(cluster, earlier, time).RunAsync(token);
                exits = [.. cluster.Silos.SelectMany(silo => silo.Slot.ExitCodes)];
                return moves;
            },
            token);

        TestContext.Current.TestOutputHelper?.WriteLine($"From {earlier.Commit}: {report}");
        Assert.True(report.Violations.Count == 0, $"From {earlier.Commit}: {report}\nHistories and logs: {run.Folder}");
        Assert.All(report.Patterns, pattern => Assert.True(pattern.Operations - pattern.Unknown - pattern.Refused > 50, $"{report}"));
        Assert.Equal(report.Faults[FaultKind.StopSilo], exits.Count);
        Assert.True(exits.Count == 5 || !earlier.IsOfThisSchema, $"The first silo did not go back to {earlier.Commit}, although it could.");
        Assert.All(exits, code => Assert.Equal(0, code));
        Directory.Delete(run.Folder, recursive: true);
    }
}
