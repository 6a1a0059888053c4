using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerRulesTests
{
    [Fact]
    public void Open_AfterEachFailedProbe_DoublesTheBreakUpToTheMaximum()
    {
        var circuit = BreakerRules.Open(new BreakerCircuit(), 1, Defaults, "bad", NoJitter);
        Assert.Equal((BreakerState.Open, 1L, Seconds(5), "bad"), (circuit.State, circuit.Generation, circuit.BreakDuration, circuit.Reason));
        var breaks = new List<double>();
        for (var probe = 0; probe < 6; probe++)
        {
            circuit = BreakerRules.Open(BreakerRules.BeginProbing(circuit, 2), 3, Defaults, "bad", NoJitter);
            breaks.Add(circuit.BreakDuration.TotalSeconds);
        }

        Assert.Equal([10, 20, 40, 60, 60, 60], breaks);
        Assert.Equal(60, Reopen(int.MaxValue - 1, NoJitter).BreakDuration.TotalSeconds);
    }

    [Theory]
    [InlineData(0, 4.5, 54)]
    [InlineData(0.5, 5, 60)]
    [InlineData(1, 5.5, 60)]
    public void Break_IsJitteredButNeverLongerThanTheMaximum(double random, double first, double last)
    {
        Assert.Equal(Seconds(first), BreakerRules.Open(new BreakerCircuit(), 1, Defaults, "bad", random).BreakDuration);
        Assert.Equal(Seconds(last), Reopen(20, random).BreakDuration);
    }

    private static BreakerCircuit Reopen(int reopenings, double random) => BreakerRules.Open(
        new BreakerCircuit { State = BreakerState.HalfOpen, Reopenings = reopenings }, 1, Defaults, "bad", random);
}
