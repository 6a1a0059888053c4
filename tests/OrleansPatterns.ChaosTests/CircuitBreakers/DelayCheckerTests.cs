using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.ChaosTests.CircuitBreakers.BreakerOperations;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

public sealed class DelayCheckerTests
{
    [Fact]
    public void Violations_OfCallsThatWereKeptForASecond_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.HalfOpen, 0, 20_000), [Ask("a", null, 1_000, 2_900, outcome: Outcome.Refused), Ask("a", 11, 3_000, 4_400), Tell("a", 11, 5_000, 7_000)]));

    [Fact]
    public void Violations_OfProcessesThatWerePausedMeanwhile_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.HalfOpen, 0, 2_000), See("a", BreakerState.HalfOpen, 12_000, 14_000), [Ask("a", null, 1_000, 13_000, outcome: Outcome.Refused), Tell("a", 11, 1_500, 12_500)]));

    [Fact]
    public void Violations_OfProcessesThatDied_AreNone() => Assert.Empty(Violations(
        See("a", BreakerState.HalfOpen, 0, 2_000), [Ask("a", null, 1_000, null, outcome: Outcome.Unknown), Tell("a", 11, 1_000, null)]));

    [Fact]
    public void Violations_OfACallThatWasKeptBefore_NameIt() => Finds(
        "dep-1: ask by a at 1000000000..3100000000 (Refused) kept a call for 2.1 s",
        See("a", BreakerState.HalfOpen, 0, 20_000),
        [Ask("a", null, 1_000, 3_100, outcome: Outcome.Refused)]);

    [Fact]
    public void Violations_OfACallThatWasKeptAfterwards_NameIt() => Finds(
        "dep-1: tell by a at 1000000000..4000000000 (token 11, Ok) kept a call for 3.0 s",
        See("a", BreakerState.HalfOpen, 0, 20_000),
        [Tell("a", 11, 1_000, 4_000)]);

    [Fact]
    public void Violations_OfACallThatIsKeptForEver_CountUntilItsProcessIsNoMore() => Finds(
        "dep-1: ask by a at 1000000000..never (Unknown) kept a call for 9.0 s",
        See("a", BreakerState.HalfOpen, 0, 10_000),
        [Ask("a", null, 1_000, null, outcome: Outcome.Unknown)]);

    [Fact]
    public void Violations_OfACallThatIsKeptBeforeAndAfterAPause_CountBoth() => Finds(
        "dep-1: ask by a at 1000000000..14500000000 (Refused) kept a call for 2.7 s",
        See("a", BreakerState.HalfOpen, 0, 1_200),
        See("a", BreakerState.HalfOpen, 12_000, 20_000),
        [Ask("a", null, 1_000, 14_500, outcome: Outcome.Refused)]);

    private static void Finds(string violation, params IEnumerable<Operation>[] history) => Assert.Equal(violation, Assert.Single(Violations(history)));
}
