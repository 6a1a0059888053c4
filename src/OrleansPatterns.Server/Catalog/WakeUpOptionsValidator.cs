using Microsoft.Extensions.Options;

namespace OrleansPatterns.Server.Catalog;

internal sealed class WakeUpOptionsValidator : IValidateOptions<WakeUpOptions>
{
    private const int MaxBatchSize = 10_000;
    private const int MaxMaxInFlight = 100_000;
    private static readonly TimeSpan MinPollInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxDeliveryLease = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, WakeUpOptions options)
    {
        var faults = new List<string>();
        if (options.PollInterval < MinPollInterval || options.PollInterval > MaxPollInterval)
        {
            faults.Add($"WakeUpOptions.PollInterval is {options.PollInterval}; it must be {MinPollInterval} to {MaxPollInterval}.");
        }

        if (options.BatchSize is < 1 or > MaxBatchSize)
        {
            faults.Add($"WakeUpOptions.BatchSize is {options.BatchSize}; it must be 1 to {MaxBatchSize}.");
        }

        if (options.DeliveryLease <= options.PollInterval || options.DeliveryLease > MaxDeliveryLease)
        {
            faults.Add(
                $"WakeUpOptions.DeliveryLease is {options.DeliveryLease}; it must be greater than PollInterval ({options.PollInterval}) and at most {MaxDeliveryLease}.");
        }

        if (options.MaxInFlight is < 1 or > MaxMaxInFlight)
        {
            faults.Add($"WakeUpOptions.MaxInFlight is {options.MaxInFlight}; it must be 1 to {MaxMaxInFlight}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
