using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Whom a window of counts cuts off.</summary>
public sealed class BreakerVerdictTests
{
    private const string Nobody = "";
    private const string All = "all";

    [Theory]
    [InlineData(90, 10, true)]
    [InlineData(91, 10, false)]
    [InlineData(0, 99, false)]
    [InlineData(0, 100, true)]
    [InlineData(100, 0, false)]
    [InlineData(900, 99, false)]
    [InlineData(900, 100, true)]
    public void IsDue_NeedsRatioAndThroughput(int successes, int failures, bool expected) =>
        Assert.Equal(expected, BreakerVerdict.IsDue(Defaults, new CallTally(successes, failures)));

    /// <summary>Calls and failures of callers a, b, c and so on, and for whom the breaker opens.</summary>
    [Theory]
    [InlineData("100/10", All)]
    [InlineData("100/9", Nobody)]
    [InlineData("90/90 10/10", All)]
    [InlineData("50/50 50/0", "a")]
    [InlineData("90/9 10/1", All)]
    [InlineData("60/60 60/60 60/60", All)]
    [InlineData("120/120 60/60 60/0", "a,b")]
    [InlineData("100/50 100/49 100/1", All)]
    [InlineData("100/50 100/50 100/0", All)]
    [InlineData("200/200 50/0 50/0 50/0 50/0 50/0 50/0 50/0 50/0 50/0", "a")]
    [InlineData("200/200 50/5 50/0 50/0 50/0 50/0 50/0 50/0 50/0 50/0", "a,b")]
    [InlineData("200/200 5/1 50/0 50/0 50/0 50/0 50/0 50/0 50/0 50/0", "a")]
    [InlineData("100/100 400/0 400/0 400/0", "a")]
    [InlineData("99/99 400/0 400/0 400/0", Nobody)]
    [InlineData("6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6", Nobody)]
    [InlineData("6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6 6/6", All)]
    public void Judge_ByFailures(string callers, string expected) => Assert.Equal(expected, Judge(Defaults, callers));

    [Fact]
    public void Judge_WithOtherNumbers_GoesByThem()
    {
        Assert.Equal(All, Judge(Defaults with { MaxCallerShare = 1 }, "120/120 60/60 60/0"));
        Assert.Equal(All, Judge(Defaults with { MinimumCallers = 1 }, "50/50 50/0"));
        Assert.Equal("a,b", Judge(Defaults with { MinimumCallers = 3 }, "100/50 100/50 100/0"));
    }

    [Fact]
    public void Judge_BySlowCalls_NeedsTheirRatio()
    {
        var settings = Defaults with { SlowCallDuration = Seconds(2), SlowCallRatio = 0.5 };
        Assert.Null(Verdict(settings, new CallTally(100, 0, 49)).Reason);
        Assert.Equal("50 of 100 calls took 2 s or longer within 30 s.", Verdict(settings, new CallTally(100, 0, 50)).Reason);
        Assert.Null(Verdict(Defaults, new CallTally(100, 0, 100)).Reason);
    }

    [Fact]
    public void Judge_ByConsecutiveFailures_NeedsNoThroughput()
    {
        var settings = Defaults with { ConsecutiveFailures = 5 };
        Assert.Null(Verdict(settings, new CallTally(1, 4, FailureRun: 4)).Reason);
        var verdict = Verdict(settings, new CallTally(1, 5, FailureRun: 5));
        Assert.Equal(("5 calls in a row failed.", true), (verdict.Reason, verdict.ForAll));
        Assert.Equal(All, Describe(Verdict(settings, new CallTally(0, 3, FailureRun: 3), new CallTally(0, 2, FailureRun: 2))));
    }

    private static string Judge(BreakerSettings settings, string callers) => Describe(Verdict(settings, [.. callers.Split(' ').Select(caller =>
    {
        var numbers = caller.Split('/').Select(int.Parse).ToArray();
        return new CallTally(numbers[0] - numbers[1], numbers[1]);
    })]));

    /// <summary>Judged at the last report, which is the first caller's, for its own counts to be looked at.</summary>
    private static BreakerVerdict Verdict(BreakerSettings settings, params CallTally[] callers)
    {
        var window = new BreakerWindow();
        for (var caller = callers.Length - 1; caller >= 0; caller--)
        {
            window.Add($"{(char)('a' + caller)}", callers[caller], settings.SamplingDuration, TimeSpan.Zero);
        }

        return BreakerVerdict.Judge(settings, window, window.Callers.Count, "a");
    }

    private static string Describe(BreakerVerdict verdict) =>
        verdict.Reason is null ? Nobody : verdict.ForAll ? All : string.Join(',', verdict.Callers.Order());
}
