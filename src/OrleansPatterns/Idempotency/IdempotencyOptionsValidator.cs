using Microsoft.Extensions.Options;

namespace OrleansPatterns.Idempotency;

internal sealed class IdempotencyOptionsValidator : IValidateOptions<IdempotencyOptions>
{
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

        if (options.InboxRetention < options.Lease || options.InboxRetention > BeginRequest.MaxRetention)
        {
            faults.Add(
                $"IdempotencyOptions.InboxRetention is {options.InboxRetention}; it must be at least Lease ({options.Lease}) and at most {BeginRequest.MaxRetention}.");
        }

        if (options.WaitForResult < TimeSpan.Zero || options.WaitForResult > MaxWaitForResult)
        {
            faults.Add($"IdempotencyOptions.WaitForResult is {options.WaitForResult}; it must be {TimeSpan.Zero} to {MaxWaitForResult}.");
        }

        if (options.MaxResultBytes is < 1 or > CompleteRequest.ResultBytesCeiling)
        {
            faults.Add($"IdempotencyOptions.MaxResultBytes is {options.MaxResultBytes}; it must be 1 to {CompleteRequest.ResultBytesCeiling}.");
        }

        if (options.OnAbandoned is not (OnAbandoned.Retry or OnAbandoned.Park))
        {
            faults.Add($"IdempotencyOptions.OnAbandoned is {options.OnAbandoned}; it must be Retry or Park.");
        }

        if (options.OnFailure is null)
        {
            faults.Add("IdempotencyOptions.OnFailure is null; it must answer Forget or Remember.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
