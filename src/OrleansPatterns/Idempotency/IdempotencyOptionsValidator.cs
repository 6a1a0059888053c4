using Microsoft.Extensions.Options;

namespace OrleansPatterns.Idempotency;

internal sealed class IdempotencyOptionsValidator : IValidateOptions<IdempotencyOptions>
{
    private const int ResultBytesCeiling = 16 * 1024 * 1024;
    private static readonly TimeSpan MaxWaitForResult = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, IdempotencyOptions options)
    {
        var faults = new List<string>();
        if (options.Lease < BeginRequest.MinLease || options.Lease > BeginRequest.MaxLease)
        {
            faults.Add($"IdempotencyOptions.Lease is {options.Lease}; it must be {BeginRequest.MinLease} to {BeginRequest.MaxLease}.");
        }

        if (options.Retention < options.Lease || options.Retention > BeginRequest.MaxRetention)
        {
            faults.Add(
                $"IdempotencyOptions.Retention is {options.Retention}; it must be at least Lease ({options.Lease}) and at most {BeginRequest.MaxRetention}.");
        }

        if (options.WaitForResult < TimeSpan.Zero || options.WaitForResult > MaxWaitForResult)
        {
            faults.Add($"IdempotencyOptions.WaitForResult is {options.WaitForResult}; it must be {TimeSpan.Zero} to {MaxWaitForResult}.");
        }

        if (options.MaxResultBytes is < 1 or > ResultBytesCeiling)
        {
            faults.Add($"IdempotencyOptions.MaxResultBytes is {options.MaxResultBytes}; it must be 1 to {ResultBytesCeiling}.");
        }

        if (options.OnExecutorLost is not (OnExecutorLost.Rerun or OnExecutorLost.Park))
        {
            faults.Add($"IdempotencyOptions.OnExecutorLost is {options.OnExecutorLost}; it must be Rerun or Park.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
