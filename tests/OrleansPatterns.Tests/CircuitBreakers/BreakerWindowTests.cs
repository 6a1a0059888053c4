using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerWindowTests
{
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);

    private readonly BreakerWindow _window = new();

    [Fact]
    public void Add_SumsCallersAndBuckets()
    {
        Add("one", new(1, 2, 3), 0);
        Add("one", new(10, 20, 30), 1);
        Add("other", new(100, 200, 300), 1);
        Add("one", new(1000, 2000, 3000), 29);
        Assert.Equal(new CallTally(1111, 2222, 3333), _window.Total);
        Assert.Equal(new CallTally(1011, 2022, 3033), _window.Callers["one"]);
        Assert.Equal(2, _window.Callers.Count);
    }

    [Fact]
    public void Slide_ForgetsByBuckets()
    {
        Add("one", new(0, 1), 2.9);
        Add("other", new(0, 10), 3);
        AssertFailures(11, 2, at: 29.9);
        AssertFailures(10, 1, at: 30);
        AssertFailures(10, 1, at: 32.9);
        AssertFailures(0, 0, at: 33);
    }

    [Fact]
    public void Run_OfFailures_IsEndedByAnybodysSuccess()
    {
        Add("one", new(0, 3, FailureRun: 3), 0);
        Add("other", new(0, 2, FailureRun: 2), 1);
        Assert.Equal((5, 3), (_window.Total.FailureRun, _window.Callers["one"].FailureRun));
        Add("other", new(1, 4, FailureRun: 1), 2);
        Assert.Equal((1, 3, 1), (_window.Total.FailureRun, _window.Callers["one"].FailureRun, _window.Callers["other"].FailureRun));
    }

    [Fact]
    public void Remove_ForgetsOneCaller()
    {
        Add("one", new(1, 2), 0);
        Add("other", new(10, 20), 0);
        Add("one", new(100, 200), 9);
        _window.Remove("one");
        Assert.Equal(new CallTally(10, 20), _window.Total);
        AssertFailures(20, 1, at: 29.9);
        AssertFailures(0, 0, at: 39);
    }

    private void Add(string caller, CallTally tally, double at) => _window.Add(caller, tally, Sampling, Seconds(at));

    private void AssertFailures(int failures, int callers, double at)
    {
        _window.Slide(Sampling, Seconds(at));
        Assert.Equal((failures, callers), (_window.Total.Failures, _window.Callers.Count));
    }
}
