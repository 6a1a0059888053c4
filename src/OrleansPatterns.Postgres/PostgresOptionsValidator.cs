using Microsoft.Extensions.Options;

namespace OrleansPatterns.Postgres;

internal sealed class PostgresOptionsValidator : IValidateOptions<PostgresOptions>
{
    internal const int MinPoolSize = 2;
    private const int MaxPoolSize = 1000;
    private static readonly TimeSpan MaxStartupTimeout = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, PostgresOptions options)
    {
        var faults = new List<string>();
        if (options.StartupTimeout <= TimeSpan.Zero || options.StartupTimeout > MaxStartupTimeout)
        {
            faults.Add($"PostgresOptions.StartupTimeout is {options.StartupTimeout}; it must be greater than zero and at most {MaxStartupTimeout}.");
        }

        if (options.MaxPoolSize is < MinPoolSize or > MaxPoolSize)
        {
            faults.Add($"PostgresOptions.MaxPoolSize is {options.MaxPoolSize}; it must be {MinPoolSize} to {MaxPoolSize}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
