using Microsoft.Extensions.Options;

namespace OrleansPatterns.Locks;

internal sealed class LockOptionsValidator : IValidateOptions<LockOptions>
{
    public ValidateOptionsResult Validate(string? name, LockOptions options)
    {
        var faults = new List<string>();
        if (options.Lease < LockBounds.MinLease || options.Lease > LockBounds.MaxLease)
        {
            faults.Add($"LockOptions.Lease is {options.Lease}; it must be {LockBounds.MinLease} to {LockBounds.MaxLease}.");
        }

        if (options.Owner is not { Length: >= 1 and <= LockBounds.MaxOwnerLength })
        {
            faults.Add($"LockOptions.Owner has {options.Owner?.Length ?? 0} characters; it must have 1 to {LockBounds.MaxOwnerLength}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
