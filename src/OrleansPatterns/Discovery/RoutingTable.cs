namespace OrleansPatterns.Discovery;

/// <summary>Whom this process may call, until something changes.</summary>
internal sealed class RoutingTable
{
    public static readonly RoutingTable Empty = new([], new DiscoveryOptions(), TimeSpan.Zero);

    private readonly RoutedInstance[] _routable;
    private readonly DiscoveryOptions? _zones;
    private readonly InstancePool _even;
    private readonly InstancePool _byWeight;

    /// <param name="members">All instances of the list.</param>
    /// <param name="options">Whom to call.</param>
    /// <param name="now">On the clock of <see cref="RoutingMembers"/>.</param>
    public RoutingTable(RoutedInstance[] members, DiscoveryOptions options, TimeSpan now)
    {
        var candidates = Array.FindAll(members, static member => member.IsCandidate);
        var available = Array.FindAll(candidates, static member => member.Instance.IsAvailable && !member.IsEjected);

        // A quotient, as products of decimal fractions are off by a bit: 7 of 10 is not less than 0.7.
        IsPanicking = candidates.Length > 0 && (double)available.Length / candidates.Length < options.PanicThreshold;
        _routable = IsPanicking ? candidates : available;
        _zones = IsPanicking ? null : options;
        _even = InstancePool.Even(_routable, _zones);
        _byWeight = InstancePool.ByWeight(_routable, _zones);
        foreach (var member in members)
        {
            if (member.IsEjected && member.Ejection.EndsAt < ChangesAt)
            {
                ChangesAt = member.Ejection.EndsAt;
            }
        }

        if (options.SlowStart is { } slowStart)
        {
            var warmAt = _routable.Max(member => member.BornAt + slowStart);
            HasNew = warmAt > now;
            ChangesAt = HasNew && warmAt < ChangesAt ? warmAt.Value : ChangesAt;
        }
    }

    public bool IsPanicking { get; }

    /// <summary>Whether some instance may still be in its slow start.</summary>
    public bool HasNew { get; }

    /// <summary>When to make another table; <see cref="TimeSpan.MaxValue"/>: not by the clock, so nobody need look at it.</summary>
    public TimeSpan ChangesAt { get; } = TimeSpan.MaxValue;

    /// <summary>Those to pick from by a policy.</summary>
    public InstancePool Pool(LoadBalancing policy) => LooksAtWeights(policy) ? _byWeight : _even;

    /// <summary>Those that pass a filter. It is asked once for each instance, and is a stranger's code that may answer otherwise the next time.</summary>
    public InstancePool Pool(LoadBalancing policy, Func<ServiceInstance, bool> filter)
    {
        var passing = Array.FindAll(_routable, member => filter(member.Instance));
        return LooksAtWeights(policy) ? InstancePool.ByWeight(passing, _zones) : InstancePool.Even(passing, _zones);
    }

    private static bool LooksAtWeights(LoadBalancing policy) => policy is not (LoadBalancing.RoundRobin or LoadBalancing.Random);
}
