namespace OrleansPatterns.Tests.Idempotency;

/// <summary>
/// Thousands of steps of one key: what must hold is checked by <see cref="IdempotencyWorld"/> in each of them. The run is a function of its seeds.
/// </summary>
public sealed class IdempotencyRulesSimulation
{
    private const int Steps = 3_000;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void TwoActivations_WithCrashesAndDelays_DecideOneResultAndOneExecutor(bool isParking, bool isTransactional)
    {
        var seen = new IdempotencyWorld.Sights();
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new IdempotencyWorld(seed, isParking, isTransactional, seen);
            for (var step = 0; step < Steps; step++)
            {
                world.Step();
            }
        }

        // The run must have been through what it is about.
        Assert.True(seen.Results > 300, $"only {seen.Results} results");
        Assert.True(seen.Replays > 300, $"only {seen.Replays} replays");
        Assert.True(seen.Removals > 200, $"only {seen.Removals} rows removed");
        Assert.True(seen.LostAnswers > 200, $"only {seen.LostAnswers} writes whose answer was lost");
        Assert.True(isTransactional || seen.RefusedReports > 20, $"only {seen.RefusedReports} late reports refused");
        Assert.True(isParking ? seen.Parked > 100 : seen.Takeovers > 200, $"{seen.Parked} times parked, {seen.Takeovers} takeovers");
        Assert.True(!isTransactional || seen.Adopted > 20, $"only {seen.Adopted} committed transactions found by others");
        Assert.True(!isTransactional || seen.FencedTransactions > 20, $"only {seen.FencedTransactions} transactions kept from committing");
        Assert.True(
            Math.Min(Math.Min(seen.SealsOfUnused, seen.SealsOfResults), Math.Min(seen.SealsOfLost, seen.SealsPutOff)) > 50,
            $"sealed {seen.SealsOfUnused} times unused, {seen.SealsOfResults} completed, {seen.SealsOfLost} abandoned; {seen.SealsPutOff} times put off");
        Assert.True(seen.SealedRefusals > 200, $"only {seen.SealedRefusals} beginnings refused by a seal");
    }
}
