namespace OrleansPatterns.Discovery;

/// <summary>How often an instance has been ejected, less what is forgiven, and when the last ejection ends.</summary>
/// <remarks>As Envoy's outlier detection, for errors in a row: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier</remarks>
internal readonly record struct Ejection(int Times, TimeSpan EndsAt)
{
    private const double MaxJitter = 0.1;

    /// <summary>Whether one more may be ejected. The only one never is: nobody else could be called.</summary>
    /// <param name="candidates">How many instances there are, ejected or not.</param>
    /// <param name="ejected">How many of them are ejected now.</param>
    /// <param name="maxShare">Which share of them may be; one always may.</param>
    public static bool IsAllowed(int candidates, int ejected, double maxShare) =>
        candidates >= 2 && (ejected == 0 || (ejected + 1.0) / candidates <= maxShare);

    /// <summary>The next ejection, which begins now.</summary>
    /// <param name="now">On the clock of <see cref="EndsAt"/>.</param>
    /// <param name="options">How long ejections are.</param>
    /// <param name="jitter">0 to 1. It makes an ejection longer, so that callers who ejected an instance together do not come back together.</param>
    public Ejection Next(TimeSpan now, DiscoveryOptions options, double jitter)
    {
        var forgiven = Math.Floor((now - EndsAt) / options.EjectFor);
        var times = (int)Math.Max(0, Times - forgiven);

        // The longest ejection needs no further times, which would only take longer to be forgiven.
        if (options.EjectFor * times < options.MaxEjection)
        {
            times++;
        }

        var length = TimeSpan.FromTicks(Math.Min((options.EjectFor * times).Ticks, options.MaxEjection.Ticks));
        return new(times, now + (length * (1 + (MaxJitter * jitter))));
    }

    public Ejection EndAt(TimeSpan now) => now < EndsAt ? this with { EndsAt = now } : this;
}
