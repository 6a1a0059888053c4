namespace OrleansPatterns.Discovery;

/// <summary>Picks among a service's instances for the calls of this process.</summary>
/// <param name="service">The service's name.</param>
/// <param name="options">Whom to call, and how to pick.</param>
/// <param name="time">The clock of ejections and slow starts.</param>
/// <param name="random">Safe for many threads, such as <see cref="Random.Shared"/>.</param>
/// <param name="isBreakerOpen">Whether the breaker of that name is open; <see langword="null"/>: breakers are not looked at.</param>
internal sealed class ServiceRouter(
    string service, DiscoveryOptions options, TimeProvider time, Random random, Func<string, bool>? isBreakerOpen)
{
    private const int Repicks = 3;

    private readonly RoutingMembers _members = new(service, options, time, random, looksAtBreakers: isBreakerOpen is not null);
    private int _turn = -1;

    /// <summary>Whether so few may be called that also those are that are only suspected.</summary>
    public bool IsPanicking => _members.Table.IsPanicking;

    /// <summary>Goes by a new list. Instances whose id and endpoint stay keep their calls under way, errors, ejection and age.</summary>
    /// <exception cref="Exception">From <see cref="DiscoveryOptions.BreakerOf"/>; the list before goes on being used.</exception>
    public void Show(ServiceSnapshot snapshot) => _members.Show(snapshot);

    /// <summary>An instance to call; <see langword="null"/>: there is none. Any thread may ask.</summary>
    /// <param name="filter">Passes over instances; <see langword="null"/>: none.</param>
    /// <param name="policy">How to pick; <see langword="null"/>: by <see cref="DiscoveryOptions.LoadBalancing"/>.</param>
    /// <param name="key">What <see cref="LoadBalancing.RendezvousHash"/> goes by; <see langword="null"/>: nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public RoutedInstance? Pick(Func<ServiceInstance, bool>? filter, LoadBalancing? policy, string? key)
    {
        var by = policy ?? options.LoadBalancing;
        if (by is < LoadBalancing.RoundRobin or > LoadBalancing.RendezvousHash)
        {
            throw new ArgumentOutOfRangeException(
                nameof(policy), by, "The policy must be RoundRobin, Random, PowerOfTwoChoices, Weighted or RendezvousHash.");
        }

        if (by == LoadBalancing.RendezvousHash && key is null)
        {
            by = LoadBalancing.Random;
        }

        var table = _members.Table;
        if (table.ChangesAt != TimeSpan.MaxValue && table.ChangesAt <= _members.Now)
        {
            table = _members.Renew();
        }

        var pool = filter is null ? table.Pool(by) : table.Pool(by, filter);
        if (pool.Instances.Length == 0)
        {
            return null;
        }

        var first = ChooseWarm(table, pool, by, key);
        return isBreakerOpen is null || !first.HasOpenBreaker(isBreakerOpen) ? first : PassOver(first, table, pool, by, key);
    }

    private RoutedInstance Choose(InstancePool pool, LoadBalancing by, string? key)
    {
        if (by == LoadBalancing.RendezvousHash)
        {
            return RendezvousHash.Choose(pool, key!, isBreakerOpen: null)!;
        }

        pool = pool.Zones?.Choose(random) ?? pool;
        var instances = pool.Instances;
        return by switch
        {
            LoadBalancing.RoundRobin => instances[(int)((uint)Interlocked.Increment(ref _turn) % (uint)instances.Length)],
            LoadBalancing.Random => instances[random.Next(instances.Length)],
            LoadBalancing.Weighted => WeightedChoice.Choose(pool, random),
            _ => PowerOfTwoChoices.Choose(pool, random),
        };
    }

    private RoutedInstance ChooseWarm(RoutingTable table, InstancePool pool, LoadBalancing by, string? key)
    {
        var chosen = Choose(pool, by, key);
        if (table.HasNew && by is not (LoadBalancing.RoundRobin or LoadBalancing.RendezvousHash))
        {
            var now = _members.Now;
            for (var left = Repicks; left > 0 && !SlowStart.Accepts(chosen, options.SlowStart!.Value, now, random); left--)
            {
                chosen = Choose(pool, by, key);
            }
        }

        return chosen;
    }

    /// <summary>Passes over instances whose breaker is open, also those of the own zone. Are all open, the first pick's breaker refuses the call, or lets it probe.</summary>
    private RoutedInstance PassOver(RoutedInstance first, RoutingTable table, InstancePool pool, LoadBalancing by, string? key)
    {
        if (by == LoadBalancing.RendezvousHash)
        {
            return RendezvousHash.Choose(pool, key!, isBreakerOpen) ?? first;
        }

        for (var left = Repicks; left > 0; left--)
        {
            var next = ChooseWarm(table, pool, by, key);
            if (!next.HasOpenBreaker(isBreakerOpen))
            {
                return next;
            }
        }

        // So many are open that luck does not help. From a random place, or the one after a row of open ones would get all their calls.
        var instances = pool.Instances;
        var start = random.Next(instances.Length);
        for (var step = 0; step < instances.Length; step++)
        {
            var next = instances[(start + step) % instances.Length];
            if (!next.HasOpenBreaker(isBreakerOpen))
            {
                return next;
            }
        }

        return first;
    }
}
