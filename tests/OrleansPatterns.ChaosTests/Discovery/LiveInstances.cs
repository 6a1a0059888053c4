using OrleansPatterns.ChaosTests.Cluster;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What lists said of instances whose process was running.</summary>
internal static class LiveInstances
{
    /// <summary>Times in which a registered one was not known to a process that was running, up to when that has seen it first.</summary>
    internal static IEnumerable<Lapse> Unlisted(Sightings seen)
    {
        var firstAt = FirstAt(seen);
        return Together(seen, long.MinValue)
            .Where(time => time.From < firstAt)
            .Select(time => new Lapse(seen, time with { To = Math.Min(time.To, firstAt) }));
    }

    /// <summary>Times in which one that had been seen was not to be called, by the list of a process that was running: Down or missing.</summary>
    internal static IEnumerable<Lapse> Uncallable(Sightings seen)
    {
        foreach (var time in Together(seen, FirstAt(seen)))
        {
            Stretch? lapse = null;
            foreach (var (sight, when) in seen.Within(time))
            {
                if (sight != Sight.Callable)
                {
                    lapse = (lapse ?? when) with { To = when.To };
                }
                else if (lapse is { } over)
                {
                    yield return new Lapse(seen, over);
                    lapse = null;
                }
            }

            if (lapse is { } open)
            {
                yield return new Lapse(seen, open);
            }
        }
    }

    /// <summary>Those that were in a list and then were not, although no fault lasts so long that the cluster could not have heard of them.</summary>
    internal static IEnumerable<Sighting> Vanished(Sightings seen)
    {
        var life = seen.Instance;
        return seen.Changes.Where(change => change.Sight == Sight.Missing
            && change.At >= life.RegisteredAt
            && change.At < (life.LeavesAt ?? life.DiedAt)
            && SilentFor(life, change.At) + DiscoveryChecker.Recovery <= ChaosSettings.DiscoveryRemoveAfter);
    }

    /// <summary>For how much of the last <see cref="ChaosSettings.DiscoveryRemoveAfter"/> its process was paused.</summary>
    private static TimeSpan SilentFor(InstanceLife life, long at)
    {
        var from = Math.Max(life.RegisteredAt!.Value, at - (long)ChaosSettings.DiscoveryRemoveAfter.TotalNanoseconds);
        return TimeSpan.FromMicroseconds((at - from - life.Uptime.Within(from, at).Sum(static stretch => stretch.To - stretch.From)) / 1000.0);
    }

    private static long FirstAt(Sightings seen) => seen.Changes is [var first, ..] ? first.At : long.MaxValue;

    /// <summary>When both processes were running.</summary>
    private static IEnumerable<Stretch> Together(Sightings seen, long from) => seen.Instance.Beating
        .Where(beating => beating.To > from)
        .SelectMany(beating => seen.Uptime.Within(Math.Max(beating.From, from), beating.To));
}
