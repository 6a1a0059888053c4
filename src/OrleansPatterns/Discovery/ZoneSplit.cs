namespace OrleansPatterns.Discovery;

/// <summary>Which share of this process's calls stays in its zone, and where the rest goes, so that every instance gets its share of all calls.</summary>
/// <remarks>
/// Envoy's zone aware routing (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware), except that nobody
/// counts the callers of each zone: as many calls are taken to come from each zone that has instances. From instances without a zone come none.
/// </remarks>
internal sealed class ZoneSplit
{
    private readonly InstancePool[] _pools;

    /// <summary>The share of the pool with the same index and of all before it.</summary>
    private readonly double[] _sums;

    private ZoneSplit(InstancePool[] pools, double[] sums)
    {
        _pools = pools;
        _sums = sums;
    }

    /// <returns><see langword="null"/>: zones are not to be looked at.</returns>
    public static ZoneSplit? Of(InstancePool whole, DiscoveryOptions options)
    {
        if (options.Zone is null || whole.Instances.Length < options.ZoneMinimumInstances)
        {
            return null;
        }

        var zones = whole.Instances.Zip(whole.Weights)
            .GroupBy(static member => member.First.Instance.Zone, StringComparer.Ordinal)
            .Select(static zone => (Name: zone.Key, Pool: new InstancePool(
                [.. zone.Select(static member => member.First)], [.. zone.Select(static member => member.Second)], zones: null)))
            .ToList();
        var named = zones.Count(static zone => zone.Name is not null);
        var own = zones.Find(zone => zone.Name == options.Zone).Pool;
        if (own is null || named < 2)
        {
            return null;
        }

        var fromEach = 1.0 / named;
        var stays = Math.Min(1, own.Capacity / whole.Capacity / fromEach);
        var rest = zones
            .Select(zone => (zone.Pool, Surplus: (zone.Pool.Capacity / whole.Capacity) - (zone.Name is null ? 0 : fromEach)))
            .Where(zone => zone.Pool != own && zone.Surplus > 0)
            .ToList();

        // When too little stays, there is a surplus elsewhere, unless the little is an error of rounding.
        return stays >= 1 || rest.Count == 0 ? new([own], [1]) : Split(own, stays, rest);
    }

    public InstancePool Choose(Random random)
    {
        if (_pools.Length == 1)
        {
            return _pools[0];
        }

        var share = random.NextDouble();
        var index = 0;
        while (index < _pools.Length - 1 && share >= _sums[index])
        {
            index++;
        }

        return _pools[index];
    }

    private static ZoneSplit Split(InstancePool own, double stays, List<(InstancePool Pool, double Surplus)> rest)
    {
        var scale = (1 - stays) / rest.Sum(static zone => zone.Surplus);
        var sums = new double[rest.Count + 1];
        sums[0] = stays;
        for (var index = 0; index < rest.Count; index++)
        {
            sums[index + 1] = sums[index] + (rest[index].Surplus * scale);
        }

        return new([own, .. rest.Select(static zone => zone.Pool)], sums);
    }
}
