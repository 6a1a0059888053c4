using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.CircuitBreakers.BreakerOperations;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

public sealed class BreakerCheckerTests
{
    private const string Documented = "ClusterUnavailableException: no answer";

    [Fact]
    public void Check_OfNothing_FindsNothing()
    {
        var findings = BreakerChecker.Check([]);

        Assert.Empty(findings.Violations);
        Assert.Equal("Breakers: callers disagreed for 0.0 s at most, and 0 probes of 2 were under way at most.", $"{findings}");
    }

    [Fact]
    public void Check_OfWhatIsDoneByHand_ExpectsWhatIsDocumented() => Assert.Empty(Violations(
        [Isolate("a", 0, null, Outcome.Unknown) with { Detail = Documented }, Close("a", 0, null, Outcome.Unknown) with { Detail = Documented }]));

    [Theory]
    [InlineData(BreakerActions.Ask, Documented)]
    [InlineData(BreakerActions.Tell, Documented)]
    [InlineData(BreakerActions.Isolate, "OrleansException: invalid silo")]
    [InlineData(BreakerActions.Close, "OrleansException: invalid silo")]
    public void Check_OfAnErrorThatIsNotDocumented_FindsIt(string action, string error) => Assert.Equal(
        $"{error.Split(':')[0]}, which nobody is told of, was thrown 1 times, as in {action} by a at 0..never (Unknown, {error}): {error}",
        Assert.Single(Violations([Isolate("a", 0, null, Outcome.Unknown) with { Action = action, Detail = error }])));
}
