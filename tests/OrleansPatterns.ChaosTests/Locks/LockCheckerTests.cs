using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.Locks.LockOperations;

namespace OrleansPatterns.ChaosTests.Locks;

public sealed class LockCheckerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Violations_OfACorrectHistoryWithFaults_AreNone(int seed) => Assert.Empty(LockChecker.Violations(new LockSimulation(seed).Run(2000)));

    [Fact]
    public void Violations_OfHoldsThatTouch_AreNone() => Assert.Empty(LockChecker.Violations(
    [
        Acquire("a", 1, 0, 10), Hold("a", 1, 10, 20), Hold("a", 1, 15, 20), Acquire("b", 2, 0, 20), Hold("b", 2, 20, 30), Hold("b", 2, 30, 30),
        Acquire("c", 3, 0, 30), Hold("c", 3, 30, null, Outcome.Unknown),
    ]));

    [Fact]
    public void Violations_OfConcurrentOnesInEitherOrder_AreNone() => Assert.Empty(LockChecker.Violations(
    [
        Acquire("a", 2, 0, 10), Acquire("b", 1, 10, 20), Write("a", 2, 30, 40), Write("b", 1, 40, 50),
    ]));

    [Fact]
    public void Violations_OfDifferentKeys_AreNone() => Assert.Empty(LockChecker.Violations(
    [
        Acquire("a", 1, 0, 10), Hold("a", 1, 10, 50), Acquire("b", 1, 0, 10) with { Key = "lock-2" }, Hold("b", 1, 10, 50) with { Key = "lock-2" },
    ]));

    [Fact]
    public void Violations_OfHoldsThatOverlap_NameBoth() => Finds(
        "lock-1: hold by b#1 at 29..40 (token 2, Ok) overlaps hold by a#1 at 10..30 (token 1, Ok)",
        Acquire("a#1", 1, 0, 10),
        Hold("a#1", 1, 10, 30),
        Acquire("b#1", 2, 0, 29),
        Hold("b#1", 2, 29, 40));

    [Fact]
    public void Violations_OfAHoldThatNeverEndedWithinAnother_AreFound() => Finds(
        "lock-1: hold by b at 20..never (token 2, Unknown) overlaps hold by a at 10..30 (token 1, Ok)",
        Acquire("a", 1, 0, 10),
        Hold("a", 1, 10, 30),
        Acquire("b", 2, 0, 20),
        Hold("b", 2, 20, null, Outcome.Unknown));

    [Fact]
    public void Violations_OfALongHold_AreFoundBehindOthersThatEndedSooner() => Finds(
        "lock-1: hold by b at 70..80 (token 2, Ok) overlaps hold by a at 10..90 (token 1, Ok)",
        Acquire("a", 1, 0, 10),
        Hold("a", 1, 10, 90),
        Hold("a", 1, 20, 30),
        Acquire("b", 2, 0, 70),
        Hold("b", 2, 70, 80));

    [Fact]
    public void Violations_OfATokenThatWasGrantedTwice_NameBothGrants() => Finds(
        "lock-1: token 1 was granted 2 times: acquire by a at 0..10 (token 1, Ok); acquire by b at 20..30 (token 1, Ok)",
        Acquire("a", 1, 0, 10),
        Acquire("b", 1, 20, 30));

    [Fact]
    public void Violations_OfALowerTokenThatWasGrantedLater_NameTheHigherOne() => Finds(
        "lock-1: acquire by c at 21..30 (token 2, Ok) was called after this one with a higher token was answered: acquire by b at 5..20 (token 3, Ok)",
        Acquire("a", 1, 0, 10),
        Acquire("b", 3, 5, 20),
        Acquire("c", 2, 21, 30));

    [Fact]
    public void Violations_OfAnOlderTokenThatTheResourceAccepted_NameTheNewerOne() => Finds(
        "lock-1: write by a at 51..60 (token 1, Ok) was called after this one with a higher token was answered: write by b at 40..50 (token 2, Ok)",
        Acquire("a", 1, 0, 10),
        Acquire("b", 2, 0, 30),
        Write("a", 1, 10, 20),
        Write("b", 2, 40, 50),
        Write("a", 1, 51, 60),
        Write("a", 1, 61, 70, Outcome.Refused),
        Write("a", 1, 71, 80, Outcome.Unknown));

    [Theory]
    [InlineData(nameof(Outcome.Unknown))]
    [InlineData(nameof(Outcome.Refused))]
    public void Violations_OfAHoldWithATokenThatNobodyAcquired_AreFound(string outcome) => Finds(
        "lock-1: hold by a at 10..20 (token 1, Ok) has a token that nobody acquired",
        Acquire("a", 1, 0, 10, Enum.Parse<Outcome>(outcome)),
        Hold("a", 1, 10, 20));

    [Fact]
    public void Violations_OfAGrantWithoutAToken_AreFound() => Finds(
        "lock-1: acquire by a at 0..10 (Ok) has no token",
        Acquire("a", null, 0, 10));

    private static void Finds(string violation, params Operation[] history)
    {
        Assert.Equal(violation, Assert.Single(LockChecker.Violations(history)));

        // The order of the lines is that of the files they came from.
        Assert.Single(LockChecker.Violations([.. history.Reverse()]));
    }
}
