using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

internal sealed class HealthCheckOptionsValidator : IValidateOptions<HealthCheckOptions>
{
    private const int MaxMaxConcurrent = 10_000;

    public ValidateOptionsResult Validate(string? name, HealthCheckOptions options)
    {
        var faults = new List<string>();
        for (var index = 0; index < options.Allow.Count; index++)
        {
            if (AllowedNetwork.TryParse(options.Allow[index]) is null)
            {
                faults.Add($"HealthCheckOptions.Allow[{index}] is '{options.Allow[index]}'; it must be an IP address or a network such as 10.0.0.0/8.");
            }
        }

        if (options.MaxConcurrent is < 1 or > MaxMaxConcurrent)
        {
            faults.Add($"HealthCheckOptions.MaxConcurrent is {options.MaxConcurrent}; it must be 1 to {MaxMaxConcurrent}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
