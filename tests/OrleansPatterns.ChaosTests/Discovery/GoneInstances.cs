namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What lists said of instances whose process had ended, or had deregistered them.</summary>
internal static class GoneInstances
{
    /// <summary>Times up to when one was to be called last, by the list of a process that was running.</summary>
    internal static IEnumerable<Lapse> Callable(Sightings seen) => Until(seen, seen.Instance.DiedAt, static sight => sight == Sight.Callable);

    /// <summary>Times up to when one whose deregistration was acknowledged was in the list of a process that was running last.</summary>
    internal static IEnumerable<Lapse> Listed(Sightings seen) =>
        seen.Instance.GoneAt is { } goneAt ? Until(seen, goneAt, static sight => sight != Sight.Missing) : [];

    /// <summary>Those that were missing after their deregistration was acknowledged, and then in the list again.</summary>
    /// <remarks>A list that is late shows versions in their order all the same: who is in it again is so since it was out of it.</remarks>
    internal static IEnumerable<Sighting> CameBack(Sightings seen) => seen.Changes
        .Zip(seen.Changes.Skip(1))
        .Where(pair => pair.First.Sight == Sight.Missing && pair.Second.At > seen.Instance.GoneAt)
        .Select(static pair => pair.Second);

    /// <summary>Each time of running counts anew: a process that was paused first has to hear what has changed.</summary>
    private static IEnumerable<Lapse> Until(Sightings seen, long from, Func<Sight, bool> isLate)
    {
        foreach (var time in seen.Uptime.Within(from, long.MaxValue))
        {
            if (seen.Within(time).LastOrDefault(period => isLate(period.Sight)) is { When.To: > 0 } late)
            {
                yield return new Lapse(seen, time with { To = late.When.To });
            }
        }
    }
}
