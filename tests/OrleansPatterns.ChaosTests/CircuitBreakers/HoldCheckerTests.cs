using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.ChaosTests.CircuitBreakers.BreakerOperations;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

public sealed class HoldCheckerTests
{
    [Fact]
    public void Violations_OfHoldsThatEverybodyHeardOf_AreNone() => Assert.Empty(Violations(
        [Isolate("a", 1_000, 1_100), Close("a", 9_000, 9_100), Isolate("b", 20_000, 20_100), Status(BreakerState.Isolated, 30_000, 30_100)],
        See("a", BreakerState.Closed, 0, 1_100),
        See("a", BreakerState.Isolated, 1_100, 9_100),
        See("a", BreakerState.Closed, 9_100, 20_000),
        See("b", BreakerState.Closed, 0, 5_000),
        [Pass("b", 0, 5_000)],
        See("b", BreakerState.Isolated, 5_000, 13_000),
        See("b", BreakerState.Closed, 13_000, 20_000)));

    [Fact]
    public void Violations_OfOnesThatHadNotToKnow_AreNone() => Assert.Empty(Violations(
        [Isolate("a", 1_000, 1_100), Close("a", 19_000, 19_100), Status(BreakerState.None, 30_000, 30_100)],

        // Alone, and again by the cluster's word.
        See("b", BreakerState.Closed, 0, 3_000),
        See("b", BreakerState.Closed, 3_000, 12_000, isAlone: true),
        See("b", BreakerState.Closed, 12_000, 15_000),
        [Pass("b", 2_000, 3_000), Pass("b", 12_000, 15_000), Ask("b", -1, 4_000, 5_000, BreakerActions.Alone)]));

    [Fact]
    public void Violations_OfOneThatWasPaused_AreNone() => Assert.Empty(Violations(
        [Isolate("a", 1_000, 1_100), Close("a", 19_000, 19_100)],
        See("b", BreakerState.Closed, 0, 2_000),
        See("b", BreakerState.Closed, 12_000, 15_000),
        [Pass("b", 1_900, 12_000), Pass("b", 12_100, 14_900)]));

    [Fact]
    public void Violations_OfWhatSomebodyElseMayHaveUndone_AreNone() => Assert.Empty(Violations(
        See("b", BreakerState.Closed, 0, 300_000),
        [Isolate("a", 1_000, 1_100), Close("b", 1_050, 1_200)],
        [Isolate("a", 20_000, 25_000), Close("b", 19_000, 20_500)],
        [Close("c", 40_000, null, Outcome.Unknown), Isolate("a", 150_000, 150_100), Close("a", 200_000, 200_100)],
        [Isolate("d", 210_000, null, Outcome.Unknown), Close("d", 260_000, 260_100), Status(BreakerState.Isolated, 300_000, 300_100)]));

    [Fact]
    public void Violations_OfAHoldThatSomebodyHasNotHeardOf_NameBoth() => Finds(
        "dep-1: b saw it Open at 5100000000, long after isolate by a at 1000000000..1100000000 (Ok)",
        [Isolate("a", 1_000, 1_100), Close("a", 9_000, 9_100)],
        See("b", BreakerState.Closed, 0, 1_200),
        See("b", BreakerState.Open, 1_200, 5_150),
        See("b", BreakerState.Isolated, 5_150, 9_000));

    [Fact]
    public void Violations_OfAHoldThatAnUnknownCloseOfLongAgoCannotHaveUndone_AreFound() => Finds(
        "dep-1: b saw it Open at 135100000000, long after isolate by a at 131000000000..131100000000 (Ok)",
        [Close("c", 1_000, null, Outcome.Unknown), Isolate("a", 131_000, 131_100)],
        See("b", BreakerState.Open, 0, 136_000));

    [Fact]
    public void Violations_OfAHoldThatSomebodyHasNotHeardOfThatCameLater_CountFromThenOn() => Finds(
        "dep-1: b saw it Closed at 7000000000, long after isolate by a at 1000000000..1100000000 (Ok)",
        [Isolate("a", 1_000, 1_100)],
        See("b", BreakerState.Closed, 3_000, 8_000));

    [Fact]
    public void Violations_OfAClosedOneThatSomebodyStillHasIsolated_NameBoth() => Finds(
        "dep-1: b saw it Isolated at 5100000000, long after close by a at 1000000000..1100000000 (Ok)",
        [Close("a", 1_000, 1_100), Isolate("a", 9_000, 9_100)],
        See("b", BreakerState.Isolated, 0, 6_000));

    [Fact]
    public void Violations_OfCallsThatPassedThoughItWasHeld_NameThem() => Finds(
        "dep-1: pass by b at 5000000000..5200000000 (token 7, Ok) came long after isolate by a at 1000000000..1100000000 (Ok)",
        [Isolate("a", 1_000, 1_100), Pass("b", 4_800, 5_000), Pass("b", 5_000, 5_200), Pass("b", 5_200, 5_400)],
        See("b", BreakerState.Isolated, 0, 9_000));

    [Fact]
    public void Violations_OfAProbeThatPassedThoughItWasHeld_NameIt() => Finds(
        "dep-1: ask by b at 5000000000..5200000000 (token 12, Ok) came long after isolate by a at 1000000000..1100000000 (Ok)",
        [Isolate("a", 1_000, 1_100)],
        Probe("b", 12, 5_000, 5_200, 5_300),
        See("b", BreakerState.Isolated, 0, 9_000));

    [Fact]
    public void Violations_OfAHoldThatIsNotInTheRecord_AreFound() => Finds(
        "dep-1: isolate by a at 1000000000..1100000000 (Ok) is not in the record: status by afterwards at 2000000000..2100000000 (value 'None', Ok)",
        [Isolate("a", 1_000, 1_100), Status(BreakerState.None, 2_000, 2_100)]);

    [Fact]
    public void Violations_OfACloseThatIsNotInTheRecord_AreFound() => Finds(
        "dep-1: close by a at 1000000000..1100000000 (Ok) is not in the record: status by afterwards at 2000000000..2100000000 (value 'Isolated', Ok)",
        [Isolate("a", 500, 600), Close("a", 1_000, 1_100), Status(BreakerState.Isolated, 2_000, 2_100)]);

    private static void Finds(string violation, params IEnumerable<Operation>[] history) => Assert.Equal(violation, Assert.Single(Violations(history)));
}
