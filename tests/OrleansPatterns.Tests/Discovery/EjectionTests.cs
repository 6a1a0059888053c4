using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>How long an ejection lasts, and how many there may be.</summary>
public sealed class EjectionTests
{
    [Theory]
    [InlineData(0, 90)]
    [InlineData(29, 90)]
    [InlineData(30, 60)]
    [InlineData(60, 30)]
    [InlineData(600, 30)]
    public void Ejection_AfterTimeInService_IsForgiven(int secondsInService, int expected)
    {
        var history = new Ejection(Times: 2, EndsAt: TimeSpan.FromSeconds(100));
        var now = history.EndsAt + TimeSpan.FromSeconds(secondsInService);
        Assert.Equal(now + TimeSpan.FromSeconds(expected), history.Next(now, new DiscoveryOptions(), jitter: 0).EndsAt);
    }

    [Fact]
    public void Ejection_WithJitter_IsAtMostATenthLonger() =>
        Assert.Equal(TimeSpan.FromSeconds(31.5), default(Ejection).Next(TimeSpan.Zero, new DiscoveryOptions(), jitter: 0.5).EndsAt);

    [Fact]
    public void Ejection_OfTheSeventhInARow_IsForgivenAsSoonAsThatOfTheLongest()
    {
        var options = new DiscoveryOptions { MaxEjection = TimeSpan.FromSeconds(60) };
        var history = default(Ejection);
        for (var time = 0; time < 7; time++)
        {
            history = history.Next(history.EndsAt, options, jitter: 0);
        }

        Assert.Equal(2, history.Times);
    }

    [Theory]
    [InlineData(1, 0, 1, false)]
    [InlineData(2, 0, 0, true)]
    [InlineData(2, 1, 0.5, false)]
    [InlineData(19, 1, 0.1, false)]
    [InlineData(20, 1, 0.1, true)]
    [InlineData(20, 2, 0.1, false)]
    [InlineData(10, 6, 0.7, true)]
    public void IsAllowed_OneMore_KeepsTheShareAndOneAlways(int candidates, int ejected, double share, bool expected) =>
        Assert.Equal(expected, Ejection.IsAllowed(candidates, ejected, share));
}
