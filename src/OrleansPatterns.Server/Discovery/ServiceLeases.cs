namespace OrleansPatterns.Server.Discovery;

/// <summary>How long everybody in a service's list has been silent, on one activation's monotonic clock.</summary>
/// <remarks>
/// Who was not heard of yet counts from the activation's beginning, so a crash of the registry never empties the list. Leases end exactly, unlike
/// Eureka's, which take twice as long. When many end together the fault is more likely the registry's or the network's than theirs: then nobody is
/// removed, as in Eureka's self-preservation, but counted by the leases that are really held, and not for ever. Not safe for concurrent use.
/// </remarks>
internal sealed class ServiceLeases
{
    /// <summary>How many leases, and what share of those held, must end within one lease for it to be a mass loss.</summary>
    private const int MassLossCount = 3;
    private const double MassLossShare = 0.15;

    public static readonly TimeSpan MaxProtection = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, TimeSpan> _heardAt = new(StringComparer.Ordinal);

    /// <summary>When the leases ended of those that are silent, unless they had said that they would go.</summary>
    private readonly Dictionary<string, TimeSpan> _lapsedAt = new(StringComparer.Ordinal);

    /// <summary>Until when those who were removed count as lost: for a lease from the end of theirs.</summary>
    private readonly Dictionary<string, TimeSpan> _lostUntil = new(StringComparer.Ordinal);
    private TimeSpan _protectedUntil = MaxProtection;

    /// <summary>An instance was heard of: its lease begins anew.</summary>
    public void Hear(string instanceId, TimeSpan now)
    {
        // Never back: one that has moved to another list is heard of there.
        _heardAt[instanceId] = _heardAt.TryGetValue(instanceId, out var heardAt) && heardAt > now ? heardAt : now;
        _lapsedAt.Remove(instanceId);
        _lostUntil.Remove(instanceId);
    }

    /// <summary>An instance is in the list no more.</summary>
    public void Forget(string instanceId)
    {
        _heardAt.Remove(instanceId);
        _lapsedAt.Remove(instanceId);
    }

    /// <summary>Ends the leases that are over, and removes who has been silent for too long unless so many are that they are protected.</summary>
    public ServiceRecord Expire(ServiceRecord record, TimeSpan now)
    {
        foreach (var leased in record.Instances)
        {
            if (!leased.IsLapsed && SilentSince(leased) + leased.Lease <= now)
            {
                record = ServiceRules.Lapse(record, leased.Id);
                if (leased.Instance.Status != OrleansPatterns.Discovery.InstanceStatus.Draining)
                {
                    _lapsedAt[leased.Id] = SilentSince(leased) + leased.Lease;
                }
            }
        }

        record = ServiceRules.Protect(record, IsProtectedAt(record, now));
        foreach (var leased in record.Instances)
        {
            if (!record.IsProtected && leased.IsLapsed && SilentSince(leased) + leased.RemoveAfter <= now)
            {
                if (_lapsedAt.TryGetValue(leased.Id, out var lapsedAt))
                {
                    _lostUntil[leased.Id] = lapsedAt + leased.Lease;
                }

                record = ServiceRules.Remove(record, leased.Id);
            }
        }

        return record;
    }

    /// <summary>When <see cref="Expire"/> has something to do next, if nobody is heard of until then; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan NextEnd(ServiceRecord record)
    {
        var next = record.IsProtected ? _protectedUntil : TimeSpan.MaxValue;
        foreach (var leased in record.Instances)
        {
            if (leased.IsLapsed && record.IsProtected)
            {
                continue;
            }

            var end = SilentSince(leased) + (leased.IsLapsed ? leased.RemoveAfter : leased.Lease);
            next = end < next ? end : next;
        }

        return next;
    }

    /// <summary>How long an instance has been silent. Less than nothing is nothing: one that has moved is heard of elsewhere.</summary>
    public TimeSpan SilentFor(LeasedInstance leased, TimeSpan now) => now > SilentSince(leased) ? now - SilentSince(leased) : TimeSpan.Zero;

    private bool IsProtectedAt(ServiceRecord record, TimeSpan now)
    {
        var silent = record.Instances.Count(static leased => leased.IsLapsed);
        foreach (var (id, _) in _lostUntil.Where(lost => lost.Value <= now).ToList())
        {
            _lostUntil.Remove(id);
        }

        var lost = _lostUntil.Count;
        if (record.IsProtected)
        {
            return IsMass(silent + lost, record.Instances.Length + lost) && now < _protectedUntil;
        }

        var together = record.Instances.Count(
            leased => leased.IsLapsed && _lapsedAt.TryGetValue(leased.Id, out var lapsedAt) && lapsedAt > now - leased.Lease);
        if (!IsMass(together + lost, record.Instances.Length - silent + together + lost))
        {
            return false;
        }

        _protectedUntil = now + MaxProtection;
        return true;
    }

    private static bool IsMass(int silent, int held) => silent >= MassLossCount && silent > MassLossShare * held;

    private TimeSpan SilentSince(LeasedInstance leased) => _heardAt.GetValueOrDefault(leased.Id);
}
