using System.Collections.Immutable;

namespace OrleansPatterns.Server.Discovery;

/// <summary>What is durable of a service's list: who is in it. Heartbeats are not: after a crash everyone gets a full lease to be heard again.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceRecord")]
internal sealed record ServiceRecord
{
    /// <summary>Made with the first change, so that a list that was lost and began anew is known for another.</summary>
    [Id(0)]
    public Guid Epoch { get; init; }

    /// <summary>Grows by one with each change that callers can see.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>Ordered by instance id.</summary>
    [Id(2)]
    public ImmutableArray<LeasedInstance> Instances { get; init; } = [];

    /// <summary>Nobody is removed for silence.</summary>
    [Id(3)]
    public bool IsProtected { get; init; }

    /// <summary>Among how many lists the service's instances are spread.</summary>
    [Id(4)]
    public int Shards { get; init; } = 1;

    public LeasedInstance? Find(string instanceId) => IndexOf(instanceId) is >= 0 and var index ? Instances[index] : null;

    /// <summary>Where an instance is, or the complement of where it would be.</summary>
    public int IndexOf(string instanceId)
    {
        var (low, high) = (0, Instances.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (string.CompareOrdinal(Instances[middle].Id, instanceId))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }
}
