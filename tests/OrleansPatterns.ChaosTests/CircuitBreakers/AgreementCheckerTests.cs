using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.ChaosTests.CircuitBreakers.BreakerOperations;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

public sealed class AgreementCheckerTests
{
    [Fact]
    public void Violations_OfOneThatHearsOfAllLate_AreNone()
    {
        IEnumerable<Operation>[] history =
        [
            See("a", BreakerState.Closed, 0, 5_000), See("a", BreakerState.Open, 5_000, 10_000), See("a", BreakerState.Isolated, 10_000, 20_000),
            See("b", BreakerState.Closed, 0, 9_000), See("b", BreakerState.HalfOpen, 9_000, 14_000), See("b", BreakerState.Isolated, 14_000, 20_000),
        ];

        Assert.Empty(Violations(history));
        Assert.Equal(TimeSpan.FromSeconds(4), BreakerChecker.Check([.. history.SelectMany(lines => lines)]).LongestDisagreement);
    }

    [Fact]
    public void Violations_OfOneThatIsAlone_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.Open, 0, 20_000), See("b", BreakerState.Closed, 0, 2_000), See("b", BreakerState.Closed, 2_000, 17_000, isAlone: true), See("b", BreakerState.Closed, 17_000, 20_000)));

    [Fact]
    public void Violations_OfOneThatWasPaused_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.Open, 0, 20_000), See("b", BreakerState.Closed, 0, 2_000), See("b", BreakerState.Closed, 16_500, 20_000)));

    [Fact]
    public void Violations_OfOneThatDied_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.Open, 0, 20_000), See("b#1", BreakerState.Closed, 0, 2_000), See("b#2", BreakerState.Closed, 2_000, 4_000)));

    [Fact]
    public void Violations_OfOneThatIsCutOffAlone_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.Closed, 0, 30_000),
        See("b", BreakerState.LocalOpen, 0, 10_000),
        See("b", BreakerState.HalfOpen, 10_000, 15_000),
        See("b", BreakerState.Open, 15_000, 18_000, isAlone: true),
        See("b", BreakerState.HalfOpen, 18_000, 25_000),
        See("b", BreakerState.Closed, 25_000, 30_000)));

    [Fact]
    public void Violations_OfOneThatMayHaveBeenCutOffBetweenTwoLooks_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.Closed, 0, 9_000), See("b", BreakerState.Closed, 0, 2_000), See("b", BreakerState.HalfOpen, 2_500, 9_000)));

    [Fact]
    public void Violations_OfOneThatStillProbes_AreFound() => Finds(
        "dep-1: a (Closed) and b (Open) disagreed for 6.9 s, at 2100000000..9000000000",
        See("a", BreakerState.Closed, 0, 9_000),
        See("b", BreakerState.Closed, 0, 2_000),
        See("b", BreakerState.HalfOpen, 2_100, 9_000));

    [Fact]
    public void Violations_OfOneThatHearsNothing_NameBoth() => Finds(
        "dep-1: a (Closed) and b (Open) disagreed for 4.1 s, at 2000000000..6100000000",
        See("a", BreakerState.Closed, 0, 7_000),
        See("b", BreakerState.Closed, 0, 2_000),
        See("b", BreakerState.Open, 2_000, 6_100),
        See("b", BreakerState.Closed, 6_100, 7_000));

    [Fact]
    public void Violations_OfOneThatIsClosedAgainAfterItWasCutOffAlone_AreFound() => Finds(
        "dep-1: a (Open) and b (Closed) disagreed for 5.0 s, at 3000000000..8000000000",
        See("a", BreakerState.Open, 0, 8_000),
        See("b", BreakerState.LocalOpen, 0, 2_000),
        See("b", BreakerState.HalfOpen, 2_000, 3_000),
        See("b", BreakerState.Closed, 3_000, 8_000));

    [Fact]
    public void Violations_OfOneThatDisagreesFirstThusAndThenOtherwise_AreOne() => Finds(
        "dep-1: a (Open) and b (Closed) disagreed for 6.0 s, at 0..6000000000",
        See("a", BreakerState.Open, 0, 6_000),
        See("b", BreakerState.Closed, 0, 3_000),
        See("b", BreakerState.Isolated, 3_000, 6_000));

    [Fact]
    public void Violations_OfAShortHaltOfTheLooks_AreFoundAllTheSame() => Finds(
        "dep-1: a (Open) and b (Closed) disagreed for 6.0 s, at 0..6000000000",
        See("a", BreakerState.Open, 0, 6_000),
        See("b", BreakerState.Closed, 0, 2_600),
        See("b", BreakerState.Closed, 3_500, 6_000));

    private static void Finds(string violation, params IEnumerable<Operation>[] history) => Assert.Equal(violation, Assert.Single(Violations(history)));
}
