using Microsoft.Extensions.Options;

namespace OrleansPatterns.Locks;

internal sealed class LockOptionsValidator : IValidateOptions<LockOptions>
{
    private const int MinTokenBlock = 16;
    private const int MaxTokenBlock = 1_000_000_000;
    private const long MinFirstToken = 1;
    private const long MaxFirstToken = 8_000_000_000_000;

    private static readonly TimeSpan MinGrantHorizon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxGrantHorizon = TimeSpan.FromSeconds(30);

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

        if (options.Durability is not (LockDurability.Leased or LockDurability.WriteThrough))
        {
            faults.Add($"LockOptions.Durability is {options.Durability}; it must be Leased or WriteThrough.");
        }

        if (options.GrantHorizon < MinGrantHorizon || options.GrantHorizon > MaxGrantHorizon)
        {
            faults.Add($"LockOptions.GrantHorizon is {options.GrantHorizon}; it must be {MinGrantHorizon} to {MaxGrantHorizon}.");
        }

        if (options.TokenBlock is < MinTokenBlock or > MaxTokenBlock)
        {
            faults.Add($"LockOptions.TokenBlock is {options.TokenBlock}; it must be {MinTokenBlock} to {MaxTokenBlock}.");
        }

        if (options.FirstToken is < MinFirstToken or > MaxFirstToken)
        {
            faults.Add($"LockOptions.FirstToken is {options.FirstToken}; it must be {MinFirstToken} to {MaxFirstToken}.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
