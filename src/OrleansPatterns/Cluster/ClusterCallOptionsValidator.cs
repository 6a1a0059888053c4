using Microsoft.Extensions.Options;

namespace OrleansPatterns.Cluster;

internal sealed class ClusterCallOptionsValidator : IValidateOptions<ClusterCallOptions>
{
    private static readonly TimeSpan MaxRetryFor = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, ClusterCallOptions options)
    {
        var faults = new List<string>();
        if (options.RetryFor <= TimeSpan.Zero || options.RetryFor > MaxRetryFor)
        {
            faults.Add($"ClusterCallOptions.RetryFor is {options.RetryFor}; it must be greater than zero and at most {MaxRetryFor}.");
        }

        if (options.AttemptTimeout <= TimeSpan.Zero || options.AttemptTimeout > options.RetryFor)
        {
            faults.Add(
                $"ClusterCallOptions.AttemptTimeout is {options.AttemptTimeout}; it must be greater than zero and at most RetryFor ({options.RetryFor}).");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
