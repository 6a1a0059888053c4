using Microsoft.Extensions.Options;

namespace OrleansPatterns.Discovery;

internal sealed class DiscoveryOptionsValidator : IValidateOptions<DiscoveryOptions>
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRefreshInterval = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, DiscoveryOptions options)
    {
        var faults = new List<string>();
        if (options.HeartbeatInterval < MinInterval)
        {
            faults.Add($"DiscoveryOptions.HeartbeatInterval is {options.HeartbeatInterval}; it must be at least {MinInterval}.");
        }

        if (options.Lease < options.HeartbeatInterval * 2 || options.Lease > ServiceBounds.MaxLease)
        {
            faults.Add(
                $"DiscoveryOptions.Lease is {options.Lease}; it must be at least twice HeartbeatInterval ({options.HeartbeatInterval}) and at most {ServiceBounds.MaxLease}.");
        }

        if (options.RefreshInterval < MinInterval || options.RefreshInterval > MaxRefreshInterval)
        {
            faults.Add($"DiscoveryOptions.RefreshInterval is {options.RefreshInterval}; it must be {MinInterval} to {MaxRefreshInterval}.");
        }

        if (options.LoadBalancing is not (LoadBalancing.RoundRobin or LoadBalancing.Random))
        {
            faults.Add($"DiscoveryOptions.LoadBalancing is {options.LoadBalancing}; it must be RoundRobin or Random.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
