using Microsoft.Extensions.Options;

namespace OrleansPatterns.Sagas;

internal sealed class SagaOptionsValidator : IValidateOptions<SagaOptions>
{
    private const int DataBytesCeiling = 16 * 1024 * 1024;
    private static readonly TimeSpan MinRecoveryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRecoveryInterval = TimeSpan.FromHours(1);

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

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
