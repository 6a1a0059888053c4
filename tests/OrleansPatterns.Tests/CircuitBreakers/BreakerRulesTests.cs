using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerRulesTests
{
    [Theory]
    [InlineData(90, 10, true)]
    [InlineData(91, 10, false)]
    [InlineData(0, 99, false)]
    [InlineData(0, 100, true)]
    [InlineData(100, 0, false)]
    [InlineData(900, 99, false)]
    [InlineData(900, 100, true)]
    public void ShouldTrip_NeedsRatioAndThroughput(int successes, int failures, bool expected) =>
        Assert.Equal(expected, BreakerRules.ShouldTrip(Defaults, successes, failures));

    [Fact]
    public void Trip_OpensForOneBreakAndSaysWhy() =>
        Assert.Equal(
            new BreakerRecord { State = BreakerState.Open, Generation = 8, BreakDuration = Seconds(5), Reason = "12 of 100 calls failed within 30 s." },
            BreakerRules.Trip(new BreakerRecord { Generation = 7 }, Defaults, 12, 100, NoJitter));

    [Fact]
    public void Reopen_DoublesTheBreakUpToTheMaximum()
    {
        var record = BreakerRules.Trip(new BreakerRecord(), Defaults, 100, 100, NoJitter);
        var breaks = new List<double>();
        for (var probe = 0; probe < 6; probe++)
        {
            record = BreakerRules.Reopen(BreakerRules.BeginProbing(record), Defaults, NoJitter);
            breaks.Add(record.BreakDuration.TotalSeconds);
        }

        Assert.Equal([10, 20, 40, 60, 60, 60], breaks);
        Assert.Equal(60, BreakerRules.Reopen(record with { Reopenings = int.MaxValue - 1 }, Defaults, NoJitter).BreakDuration.TotalSeconds);
    }

    [Theory]
    [InlineData(0, 4.5, 54)]
    [InlineData(0.5, 5, 60)]
    [InlineData(1, 5.5, 60)]
    public void Break_IsJitteredButNeverLongerThanTheMaximum(double random, double first, double last)
    {
        var record = BreakerRules.Trip(new BreakerRecord(), Defaults, 100, 100, random);
        Assert.Equal(Seconds(first), record.BreakDuration);
        Assert.Equal(Seconds(last), BreakerRules.Reopen(record with { Reopenings = 20 }, Defaults, random).BreakDuration);
    }

    [Fact]
    public void Close_ForgetsEverythingButTheGeneration()
    {
        var open = BreakerRules.Reopen(new BreakerRecord { State = BreakerState.HalfOpen, Generation = 4, Reopenings = 3 }, Defaults, NoJitter);
        Assert.Equal(new BreakerRecord { Generation = 6 }, BreakerRules.Close(open));
    }

    [Fact]
    public void CloseAndIsolate_Repeated_ChangeNothing()
    {
        var closed = new BreakerRecord();
        Assert.Same(closed, BreakerRules.Close(closed));
        var isolated = BreakerRules.Isolate(closed, "maintenance");
        Assert.Equal(new BreakerRecord { State = BreakerState.Isolated, Generation = 1, Reason = "maintenance" }, isolated);
        Assert.Same(isolated, BreakerRules.Isolate(isolated, "maintenance"));
        Assert.Equal(2, BreakerRules.Isolate(isolated, "fire").Generation);
    }
}
