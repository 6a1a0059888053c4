using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerWindowTests
{
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);

    private readonly BreakerWindow _window = new();

    [Fact]
    public void Sum_AddsCallersAndBuckets()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        _window.Add(one, 1, 2, Sampling, Seconds(0));
        _window.Add(one, 10, 20, Sampling, Seconds(1));
        _window.Add(other, 100, 200, Sampling, Seconds(1));
        _window.Add(one, 1000, 2000, Sampling, Seconds(29));
        Assert.Equal((1111, 2222, 2), _window.Sum(Sampling, Seconds(29.9)));
    }

    [Fact]
    public void Sum_SlidesByBuckets()
    {
        _window.Add(Guid.NewGuid(), 0, 1, Sampling, Seconds(2.9));
        _window.Add(Guid.NewGuid(), 0, 10, Sampling, Seconds(3));
        Assert.Equal((0, 11, 2), _window.Sum(Sampling, Seconds(29.9)));
        Assert.Equal((0, 10, 1), _window.Sum(Sampling, Seconds(30)));
        Assert.Equal((0, 10, 1), _window.Sum(Sampling, Seconds(32.9)));
        Assert.Equal((0, 0, 0), _window.Sum(Sampling, Seconds(33)));
    }

    [Fact]
    public void Clear_ForgetsEverything()
    {
        _window.Add(Guid.NewGuid(), 1, 1, Sampling, Seconds(1));
        _window.Clear();
        Assert.Equal((0, 0, 0), _window.Sum(Sampling, Seconds(1)));
    }
}
