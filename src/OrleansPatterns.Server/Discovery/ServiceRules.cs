using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Who is in a service's list. A change that callers can see is a new version; anything else leaves the record as it is.</summary>
/// <remarks>
/// When an instance was heard of last is known to the activation alone (<c>heardAt</c>, on its monotonic clock): a fresh activation counts from its
/// own beginning, so a crash of the registry never empties the list.
/// </remarks>
internal static class ServiceRules
{
    /// <param name="record">The list.</param>
    /// <param name="instance">The instance to add or replace.</param>
    /// <param name="lease">How long it stays without a heartbeat.</param>
    /// <param name="newEpoch">The epoch of a list that begins with this instance.</param>
    public static ServiceRecord Register(ServiceRecord record, ServiceInstance instance, TimeSpan lease, Guid newEpoch)
    {
        var index = IndexOf(record, instance.Id);
        var leased = new LeasedInstance(instance, lease);
        if (index >= 0 && record.Instances[index] == leased)
        {
            return record;
        }

        if (index >= 0)
        {
            return Changed(record, record.Instances.SetItem(index, leased));
        }

        var place = 0;
        while (place < record.Instances.Length && string.CompareOrdinal(record.Instances[place].Instance.Id, instance.Id) < 0)
        {
            place++;
        }

        record = record.Epoch == Guid.Empty ? record with { Epoch = newEpoch } : record;
        return Changed(record, record.Instances.Insert(place, leased));
    }

    public static ServiceRecord Deregister(ServiceRecord record, string instanceId)
    {
        var index = IndexOf(record, instanceId);
        return index < 0 ? record : Changed(record, record.Instances.RemoveAt(index));
    }

    /// <summary>Removes everyone whose lease is over.</summary>
    public static ServiceRecord Expire(ServiceRecord record, IReadOnlyDictionary<string, TimeSpan> heardAt, TimeSpan now)
    {
        var left = record.Instances.RemoveAll(leased => EndOf(leased, heardAt) <= now);
        return left.Length == record.Instances.Length ? record : Changed(record, left);
    }

    /// <summary>How long until the next lease ends; zero: one is over; <see cref="Timeout.InfiniteTimeSpan"/>: the list is empty.</summary>
    public static TimeSpan UntilNextEnd(ServiceRecord record, IReadOnlyDictionary<string, TimeSpan> heardAt, TimeSpan now)
    {
        if (record.Instances.IsEmpty)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Never less than zero: a lease that is over since a millisecond would read as infinite.
        var left = record.Instances.Min(leased => EndOf(leased, heardAt)) - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public static bool Contains(ServiceRecord record, string instanceId) => IndexOf(record, instanceId) >= 0;

    public static ServiceSnapshot ToSnapshot(ServiceRecord record) => new()
    {
        Epoch = record.Epoch,
        Version = record.Version,
        Instances = [.. record.Instances.Select(leased => leased.Instance)],
    };

    private static TimeSpan EndOf(LeasedInstance leased, IReadOnlyDictionary<string, TimeSpan> heardAt) =>
        heardAt.GetValueOrDefault(leased.Instance.Id) + leased.Lease;

    private static ServiceRecord Changed(ServiceRecord record, ImmutableArray<LeasedInstance> instances) =>
        record with { Version = record.Version + 1, Instances = instances };

    private static int IndexOf(ServiceRecord record, string instanceId)
    {
        for (var index = 0; index < record.Instances.Length; index++)
        {
            if (string.Equals(record.Instances[index].Instance.Id, instanceId, StringComparison.Ordinal))
            {
                return index;
            }
        }

        return -1;
    }
}
