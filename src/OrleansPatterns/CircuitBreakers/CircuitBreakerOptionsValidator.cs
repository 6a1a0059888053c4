using Microsoft.Extensions.Options;

namespace OrleansPatterns.CircuitBreakers;

internal sealed class CircuitBreakerOptionsValidator : IValidateOptions<CircuitBreakerOptions>
{
    public ValidateOptionsResult Validate(string? name, CircuitBreakerOptions options)
    {
        var faults = new List<string>();
        CheckRatio(nameof(options.FailureRatio), options.FailureRatio);
        CheckRatio(nameof(options.SlowCallRatio), options.SlowCallRatio);
        CheckRatio(nameof(options.MaxCallerShare), options.MaxCallerShare);
        if (options.MinimumThroughput < 2)
        {
            faults.Add($"CircuitBreakerOptions.MinimumThroughput is {options.MinimumThroughput}; it must be at least 2.");
        }

        CheckCount(nameof(options.SuccessfulProbes), options.SuccessfulProbes, 1_000);
        CheckCount(nameof(options.ConcurrentProbes), options.ConcurrentProbes, 1_000);
        CheckCount(nameof(options.MinimumCallers), options.MinimumCallers, 1_000);
        CheckCount(nameof(options.ConsecutiveFailures), options.ConsecutiveFailures ?? 1, 1_000_000);
        CheckDuration(nameof(options.SamplingDuration), options.SamplingDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1));
        CheckDuration(nameof(options.MaxBreakDuration), options.MaxBreakDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        CheckDuration(nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(100), options.MaxBreakDuration);
        CheckDuration(nameof(options.ProbeLease), options.ProbeLease, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        CheckDuration(nameof(options.ReportInterval), options.ReportInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        if (options.SlowCallDuration is { } slow)
        {
            CheckDuration(nameof(options.SlowCallDuration), slow, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        }

        if (options.CallerName is { } caller && (string.IsNullOrWhiteSpace(caller) || caller.Length > BreakerBounds.MaxNameLength))
        {
            faults.Add(
                $"CircuitBreakerOptions.CallerName has {caller.Length} characters; it must have 1 to {BreakerBounds.MaxNameLength} and not only blanks, or be null.");
        }

        if (options.ShouldHandle is null)
        {
            faults.Add("CircuitBreakerOptions.ShouldHandle is null; it must be a function. The default handles all exceptions.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckRatio(string property, double value)
        {
            if (value is not (> 0 and <= 1))
            {
                faults.Add(FormattableString.Invariant($"CircuitBreakerOptions.{property} is {value}; it must be more than 0 and at most 1."));
            }
        }

        void CheckCount(string property, int value, int max)
        {
            if (value < 1 || value > max)
            {
                faults.Add($"CircuitBreakerOptions.{property} is {value}; it must be 1 to {max}.");
            }
        }

        void CheckDuration(string property, TimeSpan value, TimeSpan min, TimeSpan max)
        {
            if (value < min || value > max)
            {
                faults.Add($"CircuitBreakerOptions.{property} is {value}; it must be {min} to {max}.");
            }
        }
    }
}
