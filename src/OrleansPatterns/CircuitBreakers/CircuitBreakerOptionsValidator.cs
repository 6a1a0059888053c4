using Microsoft.Extensions.Options;

namespace OrleansPatterns.CircuitBreakers;

internal sealed class CircuitBreakerOptionsValidator : IValidateOptions<CircuitBreakerOptions>
{
    public ValidateOptionsResult Validate(string? name, CircuitBreakerOptions options)
    {
        var faults = new List<string>();
        if (options.FailureRatio is not (> 0 and <= 1))
        {
            faults.Add(FormattableString.Invariant($"CircuitBreakerOptions.FailureRatio is {options.FailureRatio}; it must be more than 0 and at most 1."));
        }

        if (options.MinimumThroughput < 2)
        {
            faults.Add($"CircuitBreakerOptions.MinimumThroughput is {options.MinimumThroughput}; it must be at least 2.");
        }

        if (options.SuccessfulProbes is < 1 or > 1_000)
        {
            faults.Add($"CircuitBreakerOptions.SuccessfulProbes is {options.SuccessfulProbes}; it must be 1 to 1000.");
        }

        CheckDuration(nameof(options.SamplingDuration), options.SamplingDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        CheckDuration(nameof(options.MaxBreakDuration), options.MaxBreakDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        CheckDuration(nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(100), options.MaxBreakDuration);
        CheckDuration(nameof(options.ProbeLease), options.ProbeLease, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        CheckDuration(nameof(options.ReportInterval), options.ReportInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckDuration(string property, TimeSpan value, TimeSpan min, TimeSpan max)
        {
            if (value < min || value > max)
            {
                faults.Add($"CircuitBreakerOptions.{property} is {value}; it must be {min} to {max}.");
            }
        }
    }
}
