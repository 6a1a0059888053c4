namespace OrleansPatterns.Discovery;

/// <summary>The instances of a service as this process has come to know them, and the table of those to call.</summary>
/// <remarks>Instants are how long this object is there.</remarks>
internal sealed class RoutingMembers(string service, DiscoveryOptions options, TimeProvider time, Random random, bool looksAtBreakers)
{
    private readonly Lock _gate = new();
    private readonly long _createdAt = time.GetTimestamp();

    /// <summary><see langword="null"/>: there was no list yet.</summary>
    private RoutedInstance[]? _members;
    private volatile RoutingTable _table = RoutingTable.Empty;

    public RoutingTable Table => _table;

    public TimeSpan Now => time.GetElapsedTime(_createdAt);

    public void Show(ServiceSnapshot snapshot)
    {
        lock (_gate)
        {
            var known = (_members ?? []).ToDictionary(static member => member.Instance.Id, StringComparer.Ordinal);
            var now = Now;

            // Nothing is new to who has only just begun to look.
            TimeSpan? bornAt = _members is null ? null : now;

            // All are made before anything changes: what names breakers is a stranger's code, and may throw.
            var members = snapshot.Instances
                .Select(instance => known.TryGetValue(instance.Id, out var member) && member.Instance.Endpoint == instance.Endpoint
                    ? member
                    : new RoutedInstance(
                        instance, looksAtBreakers ? options.BreakerOf?.Invoke(service, instance) : null, bornAt, options.EjectAfterErrors, Eject))
                .ToArray();
            for (var index = 0; index < members.Length; index++)
            {
                members[index].Instance = snapshot.Instances[index];
            }

            _members = members;
            ReturnOverdue(members, now);
            ReturnSurplus(members, now);
            _table = new RoutingTable(members, options, now);
        }
    }

    /// <summary>A table of now, instead of one whose time is over. Who would have to wait for another thread's gets the old one.</summary>
    public RoutingTable Renew()
    {
        if (_gate.TryEnter())
        {
            try
            {
                var now = Now;
                if (_members is { } members && _table.ChangesAt <= now)
                {
                    ReturnOverdue(members, now);
                    _table = new RoutingTable(members, options, now);
                }
            }
            finally
            {
                _gate.Exit();
            }
        }

        return _table;
    }

    private void Eject(RoutedInstance failing)
    {
        lock (_gate)
        {
            // It may have left the list, and another thread may have ejected it.
            if (_members is not { } members || !members.Contains(failing) || !failing.IsCandidate || failing.IsEjected)
            {
                return;
            }

            var now = Now;
            ReturnOverdue(members, now);
            var (candidates, ejected) = Count(members);
            if (Ejection.IsAllowed(candidates, ejected, options.MaxEjectedShare))
            {
                failing.Eject(failing.Ejection.Next(now, options, random.NextDouble()));
                _table = new RoutingTable(members, options, now);
            }
        }
    }

    private static (int Candidates, int Ejected) Count(RoutedInstance[] members) =>
        (members.Count(static member => member.IsCandidate), members.Count(static member => member.IsCandidate && member.IsEjected));

    private static void ReturnOverdue(RoutedInstance[] members, TimeSpan now)
    {
        foreach (var member in members)
        {
            if (member.IsEjected && member.Ejection.EndsAt <= now)
            {
                member.Return(now);
            }
        }
    }

    /// <summary>Where others have left, too many of the rest may be ejected: those whose time ends soonest return.</summary>
    private void ReturnSurplus(RoutedInstance[] members, TimeSpan now)
    {
        var (candidates, ejected) = Count(members);
        while (ejected > 0 && !Ejection.IsAllowed(candidates, ejected - 1, options.MaxEjectedShare))
        {
            members.Where(static member => member.IsCandidate && member.IsEjected).MinBy(static member => member.Ejection.EndsAt)!.Return(now);
            ejected--;
        }
    }
}
