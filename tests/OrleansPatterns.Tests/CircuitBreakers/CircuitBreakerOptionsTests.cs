using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class CircuitBreakerOptionsTests
{
    private readonly CircuitBreakerOptionsValidator _validator = new();

    [Fact]
    public void Defaults_AreValid()
    {
        var options = new CircuitBreakerOptions();
        Assert.Equal(0.1, options.FailureRatio);
        Assert.Equal(100, options.MinimumThroughput);
        Assert.Equal(TimeSpan.FromSeconds(30), options.SamplingDuration);
        Assert.Equal(TimeSpan.FromSeconds(5), options.BreakDuration);
        Assert.Equal(TimeSpan.FromSeconds(60), options.MaxBreakDuration);
        Assert.Equal(3, options.SuccessfulProbes);
        Assert.Equal(TimeSpan.FromSeconds(10), options.ProbeLease);
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.ReportInterval);
        Assert.True(options.ShouldHandle(new InvalidOperationException()));
        Assert.True(_validator.Validate(null, options).Succeeded);
    }

    [Fact]
    public void Bounds_AreValid()
    {
        Assert.True(_validator.Validate(null, Least()).Succeeded);
        Assert.True(_validator.Validate(null, Most()).Succeeded);
    }

    [Fact]
    public void Faults_BelowTheBounds_AreReportedAllAtOnce()
    {
        var options = Least();
        options.FailureRatio = 0;
        options.MinimumThroughput--;
        options.SuccessfulProbes--;
        options.SamplingDuration -= TimeSpan.FromTicks(1);
        options.MaxBreakDuration -= TimeSpan.FromMilliseconds(1);
        options.BreakDuration = TimeSpan.Zero;
        options.ProbeLease -= TimeSpan.FromTicks(1);
        options.ReportInterval = TimeSpan.Zero;
        options.SlowCallRatio = 0;
        options.MaxCallerShare = -0.5;
        options.ConcurrentProbes = 0;
        options.MinimumCallers = 0;
        options.ConsecutiveFailures = 0;
        options.SlowCallDuration = TimeSpan.Zero;
        options.CallerName = " ";
        options.ShouldHandle = null!;
        Assert.Equal(
            [
                "CircuitBreakerOptions.FailureRatio is 0; it must be more than 0 and at most 1.",
                "CircuitBreakerOptions.SlowCallRatio is 0; it must be more than 0 and at most 1.",
                "CircuitBreakerOptions.MaxCallerShare is -0.5; it must be more than 0 and at most 1.",
                "CircuitBreakerOptions.MinimumThroughput is 1; it must be at least 2.",
                "CircuitBreakerOptions.SuccessfulProbes is 0; it must be 1 to 1000.",
                "CircuitBreakerOptions.ConcurrentProbes is 0; it must be 1 to 1000.",
                "CircuitBreakerOptions.MinimumCallers is 0; it must be 1 to 1000.",
                "CircuitBreakerOptions.ConsecutiveFailures is 0; it must be 1 to 1000000.",
                "CircuitBreakerOptions.SamplingDuration is 00:00:00.4999999; it must be 00:00:00.5000000 to 01:00:00.",
                "CircuitBreakerOptions.MaxBreakDuration is 00:00:00.0990000; it must be 00:00:00.1000000 to 1.00:00:00.",
                "CircuitBreakerOptions.BreakDuration is 00:00:00; it must be 00:00:00.1000000 to 00:00:00.0990000.",
                "CircuitBreakerOptions.ProbeLease is 00:00:00.0999999; it must be 00:00:00.1000000 to 00:10:00.",
                "CircuitBreakerOptions.ReportInterval is 00:00:00; it must be 00:00:00.0100000 to 00:00:10.",
                "CircuitBreakerOptions.SlowCallDuration is 00:00:00; it must be 00:00:00.0010000 to 01:00:00.",
                "CircuitBreakerOptions.CallerName has 1 characters; it must have 1 to 128 and not only blanks, or be null.",
                "CircuitBreakerOptions.ShouldHandle is null; it must be a function. The default handles all exceptions.",
            ],
            _validator.Validate(null, options).Failures);
    }

    [Fact]
    public void Faults_AboveTheBounds_AreReportedAllAtOnce()
    {
        var options = Most();
        options.FailureRatio = 1.5;
        options.SuccessfulProbes++;
        options.SamplingDuration += TimeSpan.FromSeconds(1);
        options.BreakDuration = TimeSpan.FromDays(3);
        options.MaxBreakDuration = TimeSpan.FromDays(2);
        options.ProbeLease += TimeSpan.FromSeconds(1);
        options.ReportInterval += TimeSpan.FromSeconds(1);
        Assert.Equal(
            [
                "CircuitBreakerOptions.FailureRatio is 1.5; it must be more than 0 and at most 1.",
                "CircuitBreakerOptions.SuccessfulProbes is 1001; it must be 1 to 1000.",
                "CircuitBreakerOptions.SamplingDuration is 01:00:01; it must be 00:00:00.5000000 to 01:00:00.",
                "CircuitBreakerOptions.MaxBreakDuration is 2.00:00:00; it must be 00:00:00.1000000 to 1.00:00:00.",
                "CircuitBreakerOptions.BreakDuration is 3.00:00:00; it must be 00:00:00.1000000 to 2.00:00:00.",
                "CircuitBreakerOptions.ProbeLease is 00:10:01; it must be 00:00:00.1000000 to 00:10:00.",
                "CircuitBreakerOptions.ReportInterval is 00:00:11; it must be 00:00:00.0100000 to 00:00:10.",
            ],
            _validator.Validate(null, options).Failures);
    }

    [Fact]
    public void FailureRatio_NotANumber_IsReported() =>
        Assert.Equal(
            ["CircuitBreakerOptions.FailureRatio is NaN; it must be more than 0 and at most 1."],
            _validator.Validate(null, new CircuitBreakerOptions { FailureRatio = double.NaN }).Failures);

    private static CircuitBreakerOptions Least() => new()
    {
        FailureRatio = double.Epsilon,
        MinimumThroughput = 2,
        SamplingDuration = TimeSpan.FromMilliseconds(500),
        BreakDuration = TimeSpan.FromMilliseconds(100),
        MaxBreakDuration = TimeSpan.FromMilliseconds(100),
        SuccessfulProbes = 1,
        ProbeLease = TimeSpan.FromMilliseconds(100),
        ReportInterval = TimeSpan.FromMilliseconds(10),
    };

    private static CircuitBreakerOptions Most() => new()
    {
        FailureRatio = 1,
        MinimumThroughput = int.MaxValue,
        SamplingDuration = TimeSpan.FromHours(1),
        BreakDuration = TimeSpan.FromDays(1),
        MaxBreakDuration = TimeSpan.FromDays(1),
        SuccessfulProbes = 1_000,
        ProbeLease = TimeSpan.FromMinutes(10),
        ReportInterval = TimeSpan.FromSeconds(10),
    };
}
