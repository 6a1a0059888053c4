using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <param name="Name">The dependency.</param>
/// <param name="State">How: Isolated, ForcedClosed, MetricsOnly or Disabled.</param>
/// <param name="Reason">Why.</param>
/// <param name="ExpiresAfterSeconds">For how long, 1 second to 365 days; null: until it is closed by hand.</param>
internal sealed record BreakerHoldDeed(string Name, BreakerState State, string Reason, double? ExpiresAfterSeconds = null) : Deed(Reason)
{
    internal override string Target => $"{Name} ({State}{(ExpiresAfterSeconds is { } seconds ? $" for {seconds} s" : "")})";

    /// <exception cref="ArgumentException">It is no time at all.</exception>
    internal TimeSpan? ExpiresAfter => ExpiresAfterSeconds switch
    {
        null => null,
        >= 0 and <= 1_000_000_000 => TimeSpan.FromSeconds(ExpiresAfterSeconds.Value),
        _ => throw new ArgumentException($"'expiresAfterSeconds' is {ExpiresAfterSeconds}; it must be 1 second to 365 days."),
    };
}
