using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>Picks among instances. One for each watched service: round robin counts in it.</summary>
internal sealed class Balancer(Random random)
{
    private int _turn = -1;

    public ServiceInstance? Pick(ImmutableArray<ServiceInstance> instances, Func<ServiceInstance, bool>? filter, LoadBalancing policy)
    {
        var fit = filter is null ? instances.Length : instances.Count(filter);
        if (fit == 0)
        {
            return null;
        }

        var index = policy switch
        {
            LoadBalancing.RoundRobin => (int)((uint)Interlocked.Increment(ref _turn) % (uint)fit),
            LoadBalancing.Random => random.Next(fit),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "The policy must be RoundRobin or Random."),
        };

        // What the filter says may have changed since it was counted: then the last one that fits now will do.
        ServiceInstance? last = null;
        foreach (var instance in instances)
        {
            if (filter is null || filter(instance))
            {
                last = instance;
                if (index-- == 0)
                {
                    break;
                }
            }
        }

        return last;
    }
}
