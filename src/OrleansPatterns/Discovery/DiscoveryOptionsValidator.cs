using Microsoft.Extensions.Options;

namespace OrleansPatterns.Discovery;

internal sealed class DiscoveryOptionsValidator : IValidateOptions<DiscoveryOptions>
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxRefreshInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MaxSlowStart = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxEjection = TimeSpan.FromHours(24);

    public ValidateOptionsResult Validate(string? name, DiscoveryOptions options)
    {
        var faults = new List<string>();
        if (options.HeartbeatInterval < MinInterval)
        {
            Report(nameof(options.HeartbeatInterval), options.HeartbeatInterval, $"at least {MinInterval}");
        }

        if (options.Lease < options.HeartbeatInterval * 2 || options.Lease < ServiceBounds.MinLease || options.Lease > ServiceBounds.MaxLease)
        {
            Report(
                nameof(options.Lease),
                options.Lease,
                $"at least twice HeartbeatInterval ({options.HeartbeatInterval}) and {ServiceBounds.MinLease}, and at most {ServiceBounds.MaxLease}");
        }

        CheckRange(nameof(options.RemoveAfter), options.RemoveAfter, options.Lease, ServiceBounds.MaxRemoveAfter);
        CheckRange(nameof(options.RefreshInterval), options.RefreshInterval, MinInterval, MaxRefreshInterval);
        if (options.LoadBalancing is < LoadBalancing.RoundRobin or > LoadBalancing.RendezvousHash)
        {
            Report(nameof(options.LoadBalancing), options.LoadBalancing, "RoundRobin, Random, PowerOfTwoChoices, Weighted or RendezvousHash");
        }

        if (options.Zone is { } zone && zone.Length is 0 or > ServiceBounds.MaxTextLength)
        {
            Report(nameof(options.Zone), $"{options.Zone!.Length} characters long", $"1 to {ServiceBounds.MaxTextLength}, or null");
        }

        CheckRange(nameof(options.ZoneMinimumInstances), options.ZoneMinimumInstances, 1, 1_000);
        CheckShare(nameof(options.PanicThreshold), options.PanicThreshold);
        if (options.SlowStart is { } slowStart && (slowStart <= TimeSpan.Zero || slowStart > MaxSlowStart))
        {
            Report(nameof(options.SlowStart), slowStart, $"greater than zero and at most {MaxSlowStart}, or null");
        }

        if (options.EjectAfterErrors is { } errors)
        {
            CheckRange(nameof(options.EjectAfterErrors), errors, 1, 1_000);
        }

        if (options.EjectFor <= TimeSpan.Zero || options.EjectFor > options.MaxEjection)
        {
            Report(nameof(options.EjectFor), options.EjectFor, $"greater than zero and at most MaxEjection ({options.MaxEjection})");
        }

        if (options.MaxEjection > MaxEjection)
        {
            Report(nameof(options.MaxEjection), options.MaxEjection, $"at most {MaxEjection}");
        }

        CheckShare(nameof(options.MaxEjectedShare), options.MaxEjectedShare);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckRange<T>(string property, T value, T min, T max)
            where T : IComparable
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                Report(property, value, $"{min} to {max}");
            }
        }

        void CheckShare(string property, double value)
        {
            // Not a number is in no range.
            if (!(value >= 0 && value <= 1))
            {
                Report(property, value, "0 to 1");
            }
        }

        void Report(string property, object value, string bound) => faults.Add($"DiscoveryOptions.{property} is {value}; it must be {bound}.");
    }
}
