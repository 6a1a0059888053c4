namespace OrleansPatterns.Discovery;

/// <summary>How instances are kept registered, and lists kept fresh.</summary>
public sealed class DiscoveryOptions
{
    /// <summary>How often a registration tells that it is alive.</summary>
    /// <value>Default 5 seconds. At least 100 milliseconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an instance stays listed after its last heartbeat. It leaves exactly then, and not a sweep later.</summary>
    /// <remarks>Shorter: a dead instance leaves sooner. Longer: pauses and slow networks are borne. A caller's own breaker is quicker either way.</remarks>
    /// <value>Default 15 seconds. At least twice <see cref="HeartbeatInterval"/>, at most 1 hour.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a watching process asks whether its list is current, beside being told of changes at once.</summary>
    /// <value>Default 5 seconds. At least 100 milliseconds, at most 5 minutes.</value>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How an instance is picked where the caller does not say.</summary>
    /// <value>Default <see cref="Discovery.LoadBalancing.RoundRobin"/>.</value>
    public LoadBalancing LoadBalancing { get; set; } = LoadBalancing.RoundRobin;
}
