using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaSimulationTests
{
    [Fact]
    public void AnySaga_UnderAnyFaults_EndsWithTheEffectsItShows()
    {
        var ends = new Dictionary<SagaPhase, int>();
        for (var seed = 0; seed < 20_000; seed++)
        {
            try
            {
                var end = new SagaSimulation(seed).Run();
                ends[end] = ends.GetValueOrDefault(end) + 1;
            }
            catch (Exception)
            {
                // Once more, and with all that happened in the message.
                var again = Assert.ThrowsAny<Exception>(() => new SagaSimulation(seed) { Trace = [] }.Run());
                Assert.Fail($"Seed {seed}: {again.Message}");
            }
        }

        // Each end must have been seen often, or the simulation checks less than it says.
        Assert.Equal(
            [SagaPhase.Completed, SagaPhase.Compensated, SagaPhase.Stuck, SagaPhase.Parked, SagaPhase.GivenUp], ends.Keys.Order());
        Assert.All(ends, end => Assert.True(end.Value > 300, $"{end.Key} only {end.Value} times."));
    }

    /// <summary>What the grain and the runner are careful about is needed: without it a saga goes wrong before long.</summary>
    [Theory]
    [InlineData(SagaSimulationFlaw.NoSeal, "its effect says otherwise")]
    [InlineData(SagaSimulationFlaw.NoAnnouncementOfStops, "Nobody wakes it.")]
    [InlineData(SagaSimulationFlaw.AnnouncementOfOldVersion, "Nobody wakes it.")]
    [InlineData(SagaSimulationFlaw.NoFence, "No end after")]
    [InlineData(SagaSimulationFlaw.NoAnnouncement, "Nobody wakes it.")]
    [InlineData(SagaSimulationFlaw.NoConfirmation, "begins after the undoing has.")]
    public void Carelessness_IsFound(SagaSimulationFlaw flaw, string expected)
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            try
            {
                new SagaSimulation(seed) { Flaw = flaw }.Run();
            }
            catch (InvalidOperationException exception)
            {
                Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail($"{flaw} does no harm in 20,000 sagas.");
    }
}
