using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.Discovery.DiscoveryOperations;

namespace OrleansPatterns.ChaosTests.Discovery;

public sealed class DiscoveryCheckerTests
{
    /// <summary>The process a has registered the instance a, and both have seen it.</summary>
    private static readonly Operation[] Registered = [Register("a", "a", 1, 2), See("a", 2, 1, "a=Up"), See("b", 3, 1, "a=Up")];

    private static readonly Operation[] Both = [.. Registered, .. Running("a", 0, 200), .. Running("b", 0, 200)];

    private static readonly Operation[] Deregistered = [.. Both, Deregister("a", "a", 60, 61), See("a", 61, 9, "")];

    private static readonly Operation[] GivenUp = [.. Both, Deregister("a", "a", 60, null), See("a", 61, 9, "")];

    [Fact]
    public void Violations_OfAProcessThatSeesWhatHappens_AreNone() => FindsNothing(
        [See("b", 0, 0, "", Guid.Empty), .. Deregistered, See("b", 60.5, 9, "")]);

    [Fact]
    public void Violations_OfALiveOneThatIsDownNoLongerThanAFault_AreNone() => FindsNothing([.. Both, See("b", 50, 2, "a=Down"), See("b", 80, 3, "a=Up")]);

    [Fact]
    public void Violations_OfAnInstanceWhoseProcessWasPaused_AreNone() => FindsNothing(
        [.. Registered, .. Running("a", 0, 50), .. Running("a", 70, 200), .. Running("b", 0, 200), See("b", 54, 2, "a=Down"), See("b", 100, 3, "a=Up")]);

    [Fact]
    public void Violations_OfOneThatWasRemovedInAPauseThatIsLongerThanAnyFault_AreNone() => FindsNothing(
    [
        .. Registered, .. Running("a", 0, 50), .. Running("a", 81, 200), .. Running("b", 0, 200),
        See("b", 54, 2, "a=Down"), See("b", 82, 3, ""), See("b", 83, 4, "a=Up"),
    ]);

    [Fact]
    public void Violations_OfAWatcherThatWasPaused_AreNone() => FindsNothing(
        [.. Registered, .. Running("a", 0, 200), .. Running("b", 0, 50), .. Running("b", 70, 200), See("b", 45, 2, "a=Down"), See("b", 99, 3, "a=Up")]);

    [Fact]
    public void Violations_OfAKilledOne_AreNone() => FindsNothing(
        [.. Registered, .. Running("a", 0, 50), .. Running("b", 0, 200), See("b", 84, 2, "a=Down"), See("b", 144, 3, "")]);

    [Fact]
    public void Violations_OfAKilledOneThatLeavesAtOnce_AreNone() => FindsNothing(
        [.. Registered, .. Running("a", 0, 50), .. Running("b", 0, 200), See("b", 51, 2, "")]);

    [Fact]
    public void Violations_OfADeregistrationThatWasGivenUp_AreNone() => FindsNothing(
        [.. GivenUp, See("b", 94, 2, "a=Down"), See("b", 154, 3, "")]);

    [Fact]
    public void Violations_OfADeregistrationThatIsSeenLate_AreNone() => FindsNothing([.. Deregistered, See("b", 91, 2, "")]);

    [Fact]
    public void Violations_OfARegistrationThatWasNotAcknowledged_AreNone() => FindsNothing(
        [.. Running("a", 0, 200), .. Running("b", 0, 200), Register("a", "a", 1, null), See("b", 100, 1, "a=Up"), See("b", 104, 2, "a=Down"), See("b", 164, 3, "")]);

    [Fact]
    public void Violations_OfARegistrationThatTookTwoAttempts_AreNone() => FindsNothing(
        [.. Running("a", 0, 200), .. Running("b", 0, 200), Register("a", "a", 1, null), Register("a", "a", 40, 41), See("a", 71, 1, "a=Up"), See("b", 71, 1, "a=Up")]);

    [Fact]
    public void Violations_OfAProcessThatDiedBeforeItHadSeenAnything_AreNone() => FindsNothing(
        [.. Both, Register("c", "c", 1, null), Find("c", 1) with { Detail = "ClusterUnavailableException: no answer" }, .. Running("d", 10, 39)]);

    [Fact]
    public void Violations_OfALiveOneThatVanished_NameTheVersion() => Finds(
        "orders/a: b saw it no more at 50000000000 (version 2), and it was registered at 2000000000 and beating",
        [.. Both, See("b", 50, 2, ""), See("b", 51, 3, "a=Up")]);

    [Fact]
    public void Violations_OfOneThatVanishedAfterAPauseThatItWasToBear_AreFound() => Finds(
        "orders/a: b saw it no more at 81000000000 (version 2), and it was registered at 2000000000 and beating",
        [.. Registered, .. Running("a", 0, 50), .. Running("a", 80, 200), .. Running("b", 0, 200), See("b", 81, 2, ""), See("b", 82, 3, "a=Up")]);

    [Fact]
    public void Violations_OfOneThatIsSeenTooLate_NameBothMoments() => Finds(
        "orders/a: b did not know of it from 2000000000 to 33000000000 (31.0 s), and it was registered",
        [.. Running("a", 0, 200), .. Running("b", 0, 200), Register("a", "a", 1, 2), See("a", 2, 1, "a=Up"), See("b", 33, 1, "a=Up")]);

    [Fact]
    public void Violations_OfAProcessThatNeverGetsAList_AreFound() => Finds(
        "orders/a: c did not know of it from 100000000000 to 140000000000 (40.0 s), and it was registered",
        [.. Both, .. Running("c", 100, 140)]);

    [Fact]
    public void Violations_OfALiveOneThatIsDownForTooLong_NameBothMoments() => Finds(
        "orders/a: b was not to call it from 50000000000 to 81000000000 (31.0 s), and it was beating",
        [.. Both, See("b", 50, 2, "a=Down"), See("b", 81, 3, "a=Up")]);

    [Fact]
    public void Violations_OfALiveOneThatStaysDown_AreFound() => Finds(
        "orders/a: b was not to call it from 50000000000 to 200000000000 (150.0 s), and it was beating",
        [.. Both, See("b", 50, 2, "a=Down")]);

    [Fact]
    public void Violations_OfOneThatIsDownForTooLongAfterItsPause_CountFromItsEnd() => Finds(
        "orders/a: b was not to call it from 70000000000 to 101000000000 (31.0 s), and it was beating",
        [.. Registered, .. Running("a", 0, 50), .. Running("a", 70, 200), .. Running("b", 0, 200), See("b", 54, 2, "a=Down"), See("b", 101, 3, "a=Up")]);

    [Fact]
    public void Violations_OfADeadOneThatIsUpForTooLong_CountFromItsLastPulse() => Finds(
        "orders/a: b was to call it from 50000000000 to 85000000000 (35.0 s), and it was dead",
        [.. Registered, .. Running("a", 0, 50), .. Running("b", 0, 200), See("b", 85, 2, "a=Down")]);

    [Fact]
    public void Violations_OfADeadOneThatIsUpAgain_AreFound() => Finds(
        "orders/a: b was to call it from 50000000000 to 101000000000 (51.0 s), and it was dead",
        [.. Registered, .. Running("a", 0, 50), .. Running("b", 0, 200), See("b", 54, 2, "a=Down"), See("b", 100, 3, "a=Up"), See("b", 101, 4, "a=Down")]);

    [Fact]
    public void Violations_OfADeadOneInTheListOfAWatcherThatWasPaused_CountFromThePausesEnd() => Finds(
        "orders/a: b was to call it from 75000000000 to 110000000000 (35.0 s), and it was dead",
        [.. Registered, .. Running("a", 0, 50), .. Running("b", 0, 55), .. Running("b", 75, 200), See("b", 110, 2, "a=Down")]);

    [Fact]
    public void Violations_OfOneWhoseDeregistrationWasGivenUp_CountFromItsCall() => Finds(
        "orders/a: b was to call it from 60000000000 to 95000000000 (35.0 s), and it was dead",
        [.. GivenUp, See("b", 95, 2, "a=Down")]);

    [Fact]
    public void Violations_OfADeregisteredOneThatStays_NameBothMoments() => Finds(
        "orders/a: b knew of it from 61000000000 to 92000000000 (31.0 s), and it was deregistered",
        [.. Deregistered, See("b", 64, 2, "a=Down"), See("b", 92, 3, "")]);

    [Theory]
    [InlineData(60.5)]
    [InlineData(62)]
    public void Violations_OfADeregisteredOneThatComesBack_NameTheVersion(double goneAt) => Finds(
        "orders/a: b saw it again at 70000000000 (version 3), and it was deregistered at 61000000000",
        [.. Deregistered, See("b", goneAt, 2, ""), See("b", 70, 3, "a=Down"), See("b", 71, 4, "")]);

    [Fact]
    public void Violations_OfAVersionAfterAHigherOne_NameBoth() => Finds(
        "orders: went back to what b saw at 51000000000 as version 1 after what b saw at 50000000000 as version 2",
        [.. Both, See("b", 50, 2, "a=Down"), See("b", 51, 1, "a=Up")]);

    [Fact]
    public void Violations_OfALostList_NameItsEpochs() => Finds(
        "orders: the list was lost, as it has 2 epochs: 00000001000000000000000000000000 that a saw at 2000000000 as version 1; "
        + "00000002000000000000000000000000 that b saw at 50000000000 as version 1",
        [.. Both, See("b", 50, 1, "a=Up", new Guid(2, 0, 0, new byte[8]))]);

    [Fact]
    public void Violations_OfAVersionThatIsTwoLists_NameBoth() => Finds(
        "orders: is not the same to all: b saw at 4000000000 as version 2: 00000001000000000000000000000000 a=Up; "
        + "a saw at 5000000000 as version 2: 00000001000000000000000000000000 a=Down",
        [.. Both, See("b", 4, 2, "a=Up"), See("a", 5, 2, "a=Down"), See("a", 6, 3, "a=Up")]);

    [Fact]
    public void Violations_OfAnInstanceThatNobodyRegistered_NameTheFirstToSeeIt() => Finds(
        "orders: nobody registered 'x', and it is in the list that b saw at 50000000000 as version 2",
        [.. Both, See("b", 50, 2, "a=Up x=Up"), See("a", 51, 2, "a=Up x=Up")]);

    [Fact]
    public void Violations_OfErrorsThatNobodyIsToldOf_AreFound()
    {
        var errors = DiscoveryChecker.Check(
        [
            Register("a", "a", 1, null) with { Detail = "OrleansException: invalid silo" },
            Find("a", 1) with { Detail = "NpgsqlException: no answer" },
            Deregister("a", "a", 2, null) with { Detail = "ClusterUnavailableException: no answer" },
        ]).Violations;

        Assert.Equal(["OrleansException", "NpgsqlException", "ClusterUnavailableException"], errors.Select(error => error.Split(',')[0]));
    }

    [Fact]
    public void Check_OfAGoodHistory_MeasuresTheLongestTimes() => Assert.Equal(
        "Discovery: a registered instance was unknown to somebody for at most 1.5 s; a live one was not to be called for at most 7.0 s; a dead one was for at most 9.0 s.",
        $"{DiscoveryChecker.Check(
        [
            .. Running("a", 0, 50), .. Running("b", 0, 200), Register("a", "a", 1, 2), See("a", 2.5, 1, "a=Up"), See("b", 3.5, 1, "a=Up"),
            See("b", 20, 2, "a=Down"), See("b", 27, 3, "a=Up"), See("b", 30, 4, "a=Down"), See("b", 31, 5, "a=Up"), See("b", 59, 6, "a=Down"),
        ])}");

    private static void FindsNothing(Operation[] history) => Assert.Empty(DiscoveryChecker.Check(history).Violations);

    private static void Finds(string violation, Operation[] history)
    {
        Assert.Equal(violation, Assert.Single(DiscoveryChecker.Check(history).Violations));

        // The order of the lines is that of the files they came from.
        Assert.Single(DiscoveryChecker.Check([.. history.Reverse()]).Violations);
    }
}
