using System.Diagnostics;
using OrleansPatterns.ChaosTests.Histories;
using static OrleansPatterns.ChaosTests.Locks.LockOperations;

namespace OrleansPatterns.ChaosTests.Locks;

public sealed class LockLinearizabilityTests(ITestOutputHelper output)
{
    /// <summary>Far above what it takes, far below what a search without memory would.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Violation_OfALongCorrectHistoryWithFaults_IsNone(int seed) => Assert.Null(Timed(new LockSimulation(seed).Run(2000)));

    [Fact]
    public void Violation_LateInALongHistory_IsFoundThere()
    {
        var history = new LockSimulation(4).Run(2000).OrderBy(operation => operation.CalledAt).ToList();
        var acquire = history.FindIndex(1900, operation => operation is { Action: LockActions.Acquire, Outcome: Outcome.Ok });
        history[acquire] = history[acquire] with { Token = 1 };
        var violation = Timed(history);
        Assert.NotNull(violation);
        Assert.Contains(history[acquire].Describe(), violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Violation_WithManyConcurrentAcquiresInTheWrongOrder_IsFoundInTime()
    {
        // No time excludes any order of them, so all subsets are tried before the last one is given up.
        List<Operation> history = [.. Enumerable.Range(1, 14).Select(token => Acquire($"p{token}", token, 0, 100))];
        Assert.Null(Timed(history));
        history.Add(Acquire("late", 3, 101, 110));
        Assert.NotNull(Timed(history));
    }

    [Fact]
    public void Violation_OfAnAcquireThatOnlyItsHoldsPutInPlace_IsNone() => Assert.Null(LockLinearizability.Violation(
    [
        // All three are concurrent; that each holds in its turn leaves one order.
        Acquire("c", 3, 0, 100), Acquire("b", 2, 0, 100), Acquire("a", 1, 0, 100),
        Hold("a", 1, 10, 20), Hold("b", 2, 20, 30), Hold("c", 3, 30, 40),
    ]));

    [Fact]
    public void Violation_OfAHolderThatWentOnAfterItsRelease_TellsWhatTheLockWas() => Assert.Equal(
        "lock-1: no order of the first 3 of 4 operations fits a lock, and it is the end of the hold by a at 10..50 (token 1, Ok) that fits nowhere; "
        + "before it the lock was free, after token 1",
        LockLinearizability.Violation([Acquire("a", 1, 0, 10), Hold("a", 1, 10, 50), Release("a", 1, 20, 30), Acquire("b", 2, 60, 70)]));

    [Fact]
    public void Violation_OfAHolderWhoseLeaseRanOut_IsFoundOnlyIfItStillHolds()
    {
        Operation[] history = [Acquire("a", 1, 0, 10), Hold("a", 1, 10, 20), Acquire("b", 2, 30, 40), Hold("b", 2, 40, 50)];
        Assert.Null(LockLinearizability.Violation(history));
        Assert.NotNull(LockLinearizability.Violation([.. history, Hold("a", 1, 41, 42)]));
        Assert.NotNull(LockLinearizability.Violation([.. history, Hold("a", 1, 15, 45)]));
        Assert.NotNull(LockLinearizability.Violation([.. history, Hold("a", 1, 41, null, Outcome.Unknown)]));
    }

    [Fact]
    public void Violation_OfALowerTokenAfterAHigher_IsFoundOnlyIfOneCameAfterTheOther()
    {
        Assert.Null(LockLinearizability.Violation([Acquire("a", 2, 0, 10), Acquire("b", 1, 10, 20)]));
        Assert.NotNull(LockLinearizability.Violation([Acquire("a", 2, 0, 10), Acquire("b", 1, 11, 20)]));
    }

    [Fact]
    public void Violation_OfATokenGrantedTwice_IsFound() =>
        Assert.NotNull(LockLinearizability.Violation([Acquire("a", 1, 0, 10), Acquire("b", 1, 0, 10)]));

    [Fact]
    public void Violation_OfAHoldBeforeItsGrant_IsFound() =>
        Assert.NotNull(LockLinearizability.Violation([Hold("a", 1, 0, 10), Acquire("a", 1, 11, 20)]));

    [Fact]
    public void Violations_OfSeveralKeys_AreOfEachByItself()
    {
        Operation[] good = [Acquire("a", 2, 0, 10), Hold("a", 2, 10, 20)];
        Operation[] bad = [Acquire("b", 1, 20, 30) with { Key = "lock-2" }, Hold("b", 2, 40, 50) with { Key = "lock-2" }];
        Assert.StartsWith("lock-2: ", Assert.Single(LockLinearizability.Violations([.. good, .. bad])), StringComparison.Ordinal);
    }

    /// <summary>Also that two points stand for a hold, and that what is of unknown outcome need not be searched.</summary>
    [Fact]
    public void Violation_OfSmallRandomHistories_IsFoundWhereNoOrderOfAllIsPossible()
    {
        var random = new Random(1);
        var found = 0;
        for (var round = 0; round < 20_000; round++)
        {
            Operation[] history = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => Any(random))];
            var violation = LockLinearizability.Violation(history);
            found += violation is null ? 0 : 1;
            Assert.True(
                EveryOrder.Allows(history) == violation is null,
                $"{violation ?? "no violation"} in {string.Join("; ", history.Select(operation => operation.Describe()))}");
        }

        output.WriteLine($"{found} of 20000 have a violation");
        Assert.InRange(found, 2_000, 18_000);
    }

    private static Operation Any(Random random)
    {
        var calledAt = random.Next(12);
        var answeredAt = calledAt + random.Next(8);
        var token = 1 + random.Next(2);
        return random.Next(12) switch
        {
            < 4 => Acquire("p", token, calledAt, answeredAt),
            4 => Acquire("p", null, calledAt, null, Outcome.Unknown),
            5 => Acquire("p", null, calledAt, answeredAt, Outcome.Unknown),
            6 => Acquire("p", null, calledAt, answeredAt, Outcome.Refused),
            7 => Release("p", token, calledAt, null, Outcome.Unknown),
            8 => Hold("p", token, calledAt, null, Outcome.Unknown),
            9 => Hold("p", token, calledAt, answeredAt),
            _ => Release("p", token, calledAt, answeredAt),
        };
    }

    private string? Timed(List<Operation> history)
    {
        var clock = Stopwatch.StartNew();
        var violation = LockLinearizability.Violation(history);
        output.WriteLine($"{history.Count} operations in {clock.Elapsed.TotalMilliseconds:0} ms: {violation ?? "no violation"}");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
        return violation;
    }
}
