using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

public sealed class ClusterClockSimulationTests(ITestOutputHelper output)
{
    private const int Moments = 400_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Clock_WithRatesAtTheEdge_IsNeverWrong(int seed)
    {
        var simulation = new ClusterClockSimulation(seed, new ClusterClockRules(ClusterClockRules.MaxDrift), withSteps: false);
        Assert.Null(Run(simulation));
        Assert.True(simulation.Known > 5 * simulation.Unknown, "a clock that is seldom known is easily right");
        Assert.Equal(0, simulation.Quarantines);
    }

    /// <summary>Every step is seen by the first answer after it; until then silos go on with the old clock, and nobody is misled.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Clock_ThatIsStepped_IsNeverTakenForTheOldOne(int seed)
    {
        var simulation = new ClusterClockSimulation(seed, new ClusterClockRules(ClusterClockRules.MaxDrift), withSteps: true);
        Assert.Null(Run(simulation));
        Assert.True(simulation.Quarantines > 10, $"only {simulation.Quarantines} quarantines");
        Assert.True(simulation.Known > simulation.Unknown / 2, "a clock that is seldom known is easily right");
    }

    [Fact]
    public void Clock_WithoutDrift_IsFoundOut()
    {
        var rules = new ClusterClockRules(maxDrift: 0);
        var faults = Enumerable.Range(1, 3).Select(seed => Run(new ClusterClockSimulation(seed, rules, withSteps: false))).ToList();
        Assert.All(faults, fault => Assert.Contains("the server's clock shows", fault, StringComparison.Ordinal));
    }

    private string? Run(ClusterClockSimulation simulation)
    {
        var fault = simulation.Run(Moments);
        output.WriteLine(
            $"{simulation.Measurements} measurements, known {simulation.Known} times, unknown {simulation.Unknown} times, {simulation.Steps} steps, "
            + $"{simulation.Quarantines} quarantines, {simulation.Passed} promises passed. {fault}");
        return fault;
    }
}
