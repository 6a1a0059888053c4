using Microsoft.Extensions.Options;

namespace OrleansPatterns.Sagas;

internal sealed class SagaOptionsValidator : IValidateOptions<SagaOptions>
{
    private const int DataBytesCeiling = 4 * 1024 * 1024;
    private const int MaxHistoryCeiling = 10_000;
    private static readonly TimeSpan MinRecoveryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRecoveryInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinRetention = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxRetention = TimeSpan.FromDays(366);

    public ValidateOptionsResult Validate(string? name, SagaOptions options)
    {
        var faults = new List<string>();
        if (options.MaxDataBytes is < 1 or > DataBytesCeiling)
        {
            faults.Add($"SagaOptions.MaxDataBytes is {options.MaxDataBytes}; it must be 1 to {DataBytesCeiling}.");
        }

        if (options.RecoveryInterval < MinRecoveryInterval || options.RecoveryInterval > MaxRecoveryInterval)
        {
            faults.Add(
                $"SagaOptions.RecoveryInterval is {options.RecoveryInterval}; it must be {MinRecoveryInterval} to {MaxRecoveryInterval}.");
        }

        if (options.Retention < MinRetention || options.Retention > MaxRetention)
        {
            faults.Add($"SagaOptions.Retention is {options.Retention}; it must be {MinRetention} to {MaxRetention}.");
        }

        if (options.MaxHistory is < 1 or > MaxHistoryCeiling)
        {
            faults.Add($"SagaOptions.MaxHistory is {options.MaxHistory}; it must be 1 to {MaxHistoryCeiling}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
