using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockSimulationTests(ITestOutputHelper output)
{
    private const int Steps = 400_000;

    /// <summary>The edge of what the rules allow for: two clocks differ by 0.98 %.</summary>
    private const double RateError = 0.0049;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Rules_WithTwoActivationsAndEveryFault_NeverLetTwoHold(int seed)
    {
        var simulation = new LockSimulation(seed, CountingAnew, RateError);
        var fault = simulation.Run(Steps);
        output.WriteLine(
            $"{simulation.Holds} holds, {simulation.Renewals} renewals, {simulation.Takeovers} takeovers, {simulation.RefusedWrites} refused writes");
        Assert.Null(fault);

        // A world in which nothing happens proves nothing.
        Assert.True(simulation.Holds > 1000, $"only {simulation.Holds} holds");
        Assert.True(simulation.Renewals > 4000, $"only {simulation.Renewals} renewals");
        Assert.True(simulation.Takeovers > 1000, $"only {simulation.Takeovers} takeovers");
        Assert.True(simulation.RefusedWrites > 3000, $"only {simulation.RefusedWrites} refused writes");
    }

    [Fact]
    public void Rules_WithoutTheFreshActivationsWait_AreFoundOut()
    {
        var faults = Enumerable.Range(1, 5).Select(seed => new LockSimulation(seed, TakingOverAtOnce, RateError).Run(Steps)).ToList();
        Assert.All(faults, fault => Assert.Contains("two holders", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_WithClocksBeyondTheAllowedRates_AreFoundOut()
    {
        var faults = Enumerable.Range(1, 5).Select(seed => new LockSimulation(seed, CountingAnew, rateError: 0.1).Run(Steps)).ToList();
        Assert.Contains(faults, fault => fault?.Contains("two holders", StringComparison.Ordinal) == true);
    }

    private static LockState CountingAnew(LockRecord record) => LockRules.Restore(record, TimeSpan.Zero);

    private static LockState TakingOverAtOnce(LockRecord record) => new(record, new LockQueue { HolderEndsAt = TimeSpan.Zero });
}
