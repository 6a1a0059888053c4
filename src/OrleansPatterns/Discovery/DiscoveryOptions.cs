namespace OrleansPatterns.Discovery;

/// <summary>How instances are kept registered, lists kept fresh, and instances picked.</summary>
public sealed class DiscoveryOptions
{
    /// <summary>How often this process tells that its registrations are alive: one call for each silo that has some of their lists.</summary>
    /// <value>Default 5 seconds. At least 100 milliseconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an instance is to be called after its last heartbeat. It is Down exactly then, and not a sweep later.</summary>
    /// <remarks>Shorter: a dead instance is passed over sooner. Longer: pauses and slow networks are borne. A caller's own breaker is quicker either way.</remarks>
    /// <value>Default 15 seconds. At least twice <see cref="HeartbeatInterval"/> and 500 milliseconds, at most 1 hour.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an instance is listed after its last heartbeat.</summary>
    /// <value>Default 60 seconds. At least <see cref="Lease"/>, at most 24 hours.</value>
    public TimeSpan RemoveAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a watching process asks whether its list is current, beside being told of changes at once.</summary>
    /// <value>Default 5 seconds. At least 100 milliseconds, at most 20 seconds, as who has not asked for a minute is told of nothing.</value>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How an instance is picked where the caller does not say.</summary>
    /// <value>Default <see cref="Discovery.LoadBalancing.PowerOfTwoChoices"/>.</value>
    public LoadBalancing LoadBalancing { get; set; } = LoadBalancing.PowerOfTwoChoices;

    /// <summary>The zone that this process runs in. Instances of it are preferred, as far as that does not load them more than the others.</summary>
    /// <value>Default <see langword="null"/>: zones are not looked at.</value>
    public string? Zone { get; set; }

    /// <summary>With fewer instances that are to be called, zones are not looked at: one of two would get everything.</summary>
    /// <value>Default 6, as in Envoy. 1 to 1000.</value>
    public int ZoneMinimumInstances { get; set; } = 6;

    /// <summary>
    /// When less than this share of the instances may be called, the suspicion falls on whoever suspects them: then also those are called whose lease is
    /// over, whose health check fails, or that this process has ejected. Never those that are Down, Draining or Starting by their own or an operator's word.
    /// </summary>
    /// <value>Default 0.5, as in Envoy. 0 (never) to 1.</value>
    public double PanicThreshold { get; set; } = 0.5;

    /// <summary>How long a new instance gets less than its share, rising from a tenth to the whole, so that it can warm up. By round robin and hash it gets its share at once.</summary>
    /// <value>Default <see langword="null"/>: no slow start. Greater than zero, at most 1 hour.</value>
    public TimeSpan? SlowStart { get; set; }

    /// <summary>After how many failed calls in a row this process ejects an instance, that is, passes it over for a while.</summary>
    /// <value>Default 5, as in Envoy; <see langword="null"/>: never. 1 to 1000.</value>
    public int? EjectAfterErrors { get; set; } = 5;

    /// <summary>How long an instance is ejected the first time; the second time twice as long, and so on.</summary>
    /// <value>Default 30 seconds. Greater than zero, at most <see cref="MaxEjection"/>.</value>
    public TimeSpan EjectFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest ejection.</summary>
    /// <value>Default 300 seconds. At most 24 hours.</value>
    public TimeSpan MaxEjection { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>Which share of the instances may be ejected at a time; one always may.</summary>
    /// <value>Default 0.1. 0 to 1.</value>
    public double MaxEjectedShare { get; set; } = 0.1;

    /// <summary>
    /// Names the breaker of an instance of a service, for instance <c>(service, instance) => $"{service}@{instance.Endpoint.Authority}"</c>. Instances
    /// whose breaker is open are passed over while others remain.
    /// </summary>
    /// <remarks>Every breaker that is named here is followed by this process.</remarks>
    /// <value>Default <see langword="null"/>: no breakers are looked at. It may answer <see langword="null"/> for an instance without one.</value>
    public Func<string, ServiceInstance, string?>? BreakerOf { get; set; }
}
