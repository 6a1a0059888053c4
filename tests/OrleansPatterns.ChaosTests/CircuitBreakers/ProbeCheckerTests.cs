using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.CircuitBreakers.BreakerOperations;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

public sealed class ProbeCheckerTests
{
    [Fact]
    public void Violations_OfTwoAtATime_AreNone() => Assert.Empty(Violations(
        Probe("a", 11, 0, 10, 300),
        Probe("b", 12, 0, 20, 400),
        Probe("c", 13, 250, 300, 500),
        [Ask("b", null, 300, 310, outcome: Outcome.Refused), Ask("b", null, 600, 610)],

        // It was let through when its lease was over: its process was paused, and nobody can know.
        Probe("d", 14, 1_000, 3_500, 4_000),
        Probe("a", 15, 3_400, 3_450, 3_900),
        Probe("b", 16, 3_400, 3_450, 3_900)));

    [Fact]
    public void Violations_OfProbesThatOutlastTheirLeases_AreNone() => Assert.Empty(Violations(
        Probe("a", 11, 0, 10, 9_000), Probe("b", 12, 0, 10, null), Probe("c", 13, 1_990, 2_000, 2_100), Probe("d", 14, 1_990, 2_000, 2_100)));

    [Fact]
    public void Violations_OfThreeAtATime_NameThem() => Finds(
        "dep-1: 3 probes were under way at 299000000: ask by a at 0..10000000 (token 11, Ok), under way until 300000000; "
        + "ask by b at 0..20000000 (token 12, Ok), under way until 400000000; ask by c at 250000000..299000000 (token 13, Ok), under way until 500000000",
        Probe("a", 11, 0, 10, 300),
        Probe("b", 12, 0, 20, 400),
        Probe("c", 13, 250, 299, 500));

    [Fact]
    public void Violations_OfProbesOfProcessesThatDied_CountUntilTheirLeasesAreOver() => Finds(
        "dep-1: 3 probes were under way at 1999000000: ask by a at 0..10000000 (token 11, Ok), under way until 2000000000; "
        + "ask by b at 5000000..20000000 (token 12, Ok), under way until 2005000000; ask by c at 1500000000..1999000000 (token 13, Ok), under way until 2100000000",
        Probe("a", 11, 0, 10, null),
        [Ask("b", 12, 5, 20)],
        Probe("c", 13, 1_500, 1_999, 2_100));

    [Fact]
    public void Violations_OfAPermitThatWasGivenTwice_NameBoth() => Finds(
        "dep-1: permit 11 was given 2 times: ask by a at 0..10000000 (token 11, Ok); ask by b at 3000000000..3010000000 (token 11, Ok)",
        Probe("a", 11, 0, 10, 300),
        Probe("b", 11, 3_000, 3_010, 3_300));

    [Fact]
    public void Violations_OfProcessesThatAreAlone_AreThoseOfEachOfThem() => Assert.Empty(Violations(
        Probe("a", -3, 0, 10, 300, BreakerActions.Alone),
        Probe("a", -2, 0, 10, 300, BreakerActions.Alone),
        Probe("b", -3, 0, 10, 300, BreakerActions.Alone),
        Probe("b", -2, 0, 10, 300, BreakerActions.Alone),
        Probe("c", 11, 0, 10, 300),
        Probe("c", 12, 0, 10, 300)));

    [Fact]
    public void Violations_OfThreeAtATimeOfOneThatIsAlone_NameThem() => Finds(
        "dep-1: 3 probes of one process alone were under way at 20000000: ask by a at 0..10000000 (token -3, value 'alone', Ok), under way until 300000000; "
        + "ask by a at 0..10000000 (token -2, value 'alone', Ok), under way until 300000000; ask by a at 0..20000000 (token -1, value 'alone', Ok), under way until 300000000",
        Probe("a", -3, 0, 10, 300, BreakerActions.Alone),
        Probe("a", -2, 0, 10, 300, BreakerActions.Alone),
        Probe("a", -1, 0, 20, 300, BreakerActions.Alone));

    [Fact]
    public void Most_OfProbes_IsHowManyThereWereAtATime() => Assert.Equal(
        2, BreakerChecker.Check([.. Probe("a", 11, 0, 10, 300), .. Probe("a", -1, 0, 10, 300, BreakerActions.Alone), .. Probe("b", 12, 0, 299, 400), .. Probe("c", 13, 0, 300, 310)]).MostProbes);

    [Fact]
    public void Violations_OfDifferentDependencies_AreNone() => Assert.Empty(Violations(
        Probe("a", 11, 0, 10, 300), Probe("b", 12, 0, 20, 400), Probe("c", 11, 0, 20, 500).Select(line => line with { Key = "dep-2" })));

    private static void Finds(string violation, params IEnumerable<Operation>[] history) => Assert.Equal(violation, Assert.Single(Violations(history)));
}
