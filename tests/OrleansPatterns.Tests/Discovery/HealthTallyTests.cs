using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class HealthTallyTests
{
    [Theory]
    // One letter a check: w(ell) or f(ailed). Expected after each: d(own) or -.
    [InlineData(3, 2, "ffffwfwwwf", "--ddddd---")]
    [InlineData(3, 2, "ffwffwfff", "--------d")]
    [InlineData(1, 1, "fwfw", "d-d-")]
    [InlineData(2, 3, "ffwwfwwwff", "-dddddd--d")]
    [InlineData(3, 2, "wwww", "----")]
    public void Next_OverASequenceOfChecks_TurnsOnlyAfterEnoughOfTheOtherKindInARow(int failuresToDown, int successesToUp, string checks, string expected)
    {
        var check = new InstanceHealthCheck { Kind = HealthCheckKind.Tcp, FailuresToDown = failuresToDown, SuccessesToUp = successesToUp };
        var tally = default(HealthTally);
        var seen = "";
        foreach (var letter in checks)
        {
            tally = tally.Next(letter == 'w', check);
            seen += tally.IsDown ? 'd' : '-';
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Next_CountsWhatIsInARow()
    {
        var check = new InstanceHealthCheck { Kind = HealthCheckKind.Tcp };
        var failedTwice = default(HealthTally).Next(false, check).Next(false, check);
        Assert.Equal(new HealthTally(Failures: 2, Successes: 0, IsDown: false), failedTwice);
        Assert.Equal(new HealthTally(Failures: 0, Successes: 1, IsDown: false), failedTwice.Next(true, check));
        Assert.Equal(new HealthTally(Failures: 4, Successes: 0, IsDown: true), failedTwice.Next(false, check).Next(false, check));
    }
}
