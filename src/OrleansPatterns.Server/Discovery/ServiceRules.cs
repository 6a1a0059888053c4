using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Who is in a service's list, and how. A change that callers can see is a new version; anything else leaves the record as it is.</summary>
internal static class ServiceRules
{
    private const int DecisionsLength = 8;

    /// <param name="record">The list.</param>
    /// <param name="instance">The instance to add or replace.</param>
    /// <param name="newEpoch">The epoch of a list that begins with this instance.</param>
    public static ServiceRecord Register(ServiceRecord record, ServiceInstance instance, Guid newEpoch)
    {
        // Who says so is for the list to know.
        instance = instance with { StatusSource = StatusSource.Instance };
        var index = record.IndexOf(instance.Id);
        if (index < 0)
        {
            record = record.Epoch == Guid.Empty ? record with { Epoch = newEpoch } : record;
            return Changed(record, record.Instances.Insert(~index, new LeasedInstance { Instance = instance }));
        }

        var known = record.Instances[index];
        return Replace(record, index, known with
        {
            Instance = instance == known.Instance ? known.Instance : instance,
            IsLapsed = false,
            IsUnwell = known.IsUnwell && instance.HealthCheck == known.Instance.HealthCheck && instance.Endpoint == known.Instance.Endpoint,
        });
    }

    /// <summary>Takes an instance over from another list of the same service, with all that is known of it.</summary>
    public static ServiceRecord Adopt(ServiceRecord record, LeasedInstance leased, Guid newEpoch)
    {
        var index = record.IndexOf(leased.Id);
        record = record.Epoch == Guid.Empty ? record with { Epoch = newEpoch } : record;
        return index < 0 ? Changed(record, record.Instances.Insert(~index, leased))
            : Replace(record, index, record.Instances[index] with
            {
                Override = record.Instances[index].Override ?? leased.Override,
                Decisions = [.. leased.Decisions.Union(record.Instances[index].Decisions).TakeLast(DecisionsLength)],
            });
    }

    /// <summary>The service has so many lists by now.</summary>
    public static ServiceRecord Grow(ServiceRecord record, int shards) =>
        shards <= record.Shards ? record : Changed(record, record.Instances) with { Shards = shards };

    /// <summary>Twice as many lists as long as more instances are at home in the first than it may have.</summary>
    public static ServiceRecord Split(ServiceRecord record, int maxInstances)
    {
        while (record.Instances.Length > maxInstances
            && record.Shards < ServiceShards.MaxShards
            && record.Instances.Count(leased => ServiceShards.HomeOf(leased.Id, record.Shards) == 0) > maxInstances)
        {
            record = Grow(record, record.Shards * 2);
        }

        return record;
    }

    /// <summary>An instance was heard of.</summary>
    public static ServiceRecord Hear(ServiceRecord record, string instanceId) => Change(record, instanceId, known => known with { IsLapsed = false });

    /// <summary>An instance was not heard of for as long as its lease.</summary>
    public static ServiceRecord Lapse(ServiceRecord record, string instanceId) => Change(record, instanceId, known => known with { IsLapsed = true });

    /// <summary>An instance's health check has failed, or succeeded, often enough.</summary>
    public static ServiceRecord Judge(ServiceRecord record, string instanceId, bool isUnwell) =>
        Change(record, instanceId, known => known with { IsUnwell = isUnwell });

    /// <summary>An operator has decided, or taken a decision back. Another attempt of a decision that was made already changes nothing.</summary>
    public static ServiceRecord Override(ServiceRecord record, string instanceId, InstanceOverride? byHand, Guid decisionId = default) =>
        Change(record, instanceId, known => known.Decisions.Contains(decisionId)
            ? known
            : known with { Override = byHand, Decisions = decisionId == Guid.Empty ? known.Decisions : [.. known.Decisions.TakeLast(DecisionsLength - 1), decisionId] });

    public static ServiceRecord Remove(ServiceRecord record, string instanceId) =>
        record.IndexOf(instanceId) is >= 0 and var index ? Changed(record, record.Instances.RemoveAt(index)) : record;

    public static ServiceRecord Protect(ServiceRecord record, bool isProtected) =>
        record.IsProtected == isProtected ? record : Changed(record, record.Instances) with { IsProtected = isProtected };

    public static ServiceSnapshot ToSnapshot(ServiceRecord record) => new()
    {
        Epoch = record.Epoch,
        Version = record.Version,
        Instances = [.. record.Instances.Select(static leased => leased.Listed)],
        IsProtected = record.IsProtected,
        Shards = record.Shards,
    };

    private static ServiceRecord Change(ServiceRecord record, string instanceId, Func<LeasedInstance, LeasedInstance> change) =>
        record.IndexOf(instanceId) is >= 0 and var index ? Replace(record, index, change(record.Instances[index])) : record;

    private static ServiceRecord Replace(ServiceRecord record, int index, LeasedInstance next)
    {
        var known = record.Instances[index];
        return next == known ? record
            : next.Listed == known.Listed ? record with { Instances = record.Instances.SetItem(index, next) }
            : Changed(record, record.Instances.SetItem(index, next));
    }

    private static ServiceRecord Changed(ServiceRecord record, ImmutableArray<LeasedInstance> instances) =>
        record with { Version = record.Version + 1, Instances = instances };
}
