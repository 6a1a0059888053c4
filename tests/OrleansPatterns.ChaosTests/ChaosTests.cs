using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Runs;

namespace OrleansPatterns.ChaosTests;

/// <summary>Short runs with seeds that are always the same; long ones with others are for the command line.</summary>
[Collection<Clusters>]
public sealed class ChaosTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Promises_UnderFaults_AreKept(int seed)
    {
        var run = new ChaosRun(seed, new SkewedTime(TimeSpan.Zero));

        var report = await run.RunAsync(TimeSpan.FromSeconds(60), cancellationToken: TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, $"{report}\nHistories and logs: {run.Folder}");
        Assert.All(report.Patterns, pattern => Assert.True(pattern.Operations - pattern.Unknown - pattern.Refused > 50, $"{report}"));
        Directory.Delete(run.Folder, recursive: true);
    }
}
