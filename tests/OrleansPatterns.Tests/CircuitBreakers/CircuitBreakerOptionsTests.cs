using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class CircuitBreakerOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new CircuitBreakerOptions();
        Assert.Equal(
            (0.1, 100, 30, 5, 60, 3, 10, 0.1),
            (options.FailureRatio, options.MinimumThroughput, options.SamplingDuration.TotalSeconds, options.BreakDuration.TotalSeconds,
                options.MaxBreakDuration.TotalSeconds, options.SuccessfulProbes, options.ProbeLease.TotalSeconds, options.ReportInterval.TotalSeconds));
    }

    [Fact]
    public void Validate_SeveralFaults_ReportsAllOfThem()
    {
        var options = new CircuitBreakerOptions
        {
            FailureRatio = 1.5,
            MinimumThroughput = 1,
            SuccessfulProbes = 0,
            BreakDuration = TimeSpan.FromSeconds(61),
        };
        Assert.Equal(
            [
                "CircuitBreakerOptions.FailureRatio is 1.5; it must be more than 0 and at most 1.",
                "CircuitBreakerOptions.MinimumThroughput is 1; it must be at least 2.",
                "CircuitBreakerOptions.SuccessfulProbes is 0; it must be 1 to 1000.",
                "CircuitBreakerOptions.BreakDuration is 00:01:01; it must be 00:00:00.1000000 to 00:01:00.",
            ],
            new CircuitBreakerOptionsValidator().Validate(null, options).Failures);
    }
}
