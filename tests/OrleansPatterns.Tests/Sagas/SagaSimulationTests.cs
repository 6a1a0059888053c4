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
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }

        // All three ends must have been seen often, or the simulation checks less than it says.
        Assert.Equal([SagaPhase.Completed, SagaPhase.Compensated, SagaPhase.Stuck], ends.Keys.Order());
        Assert.All(ends.Values, count => Assert.True(count > 500, $"Only {count} times."));
    }
}
