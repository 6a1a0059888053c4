using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What cannot have happened if whoever lives is in the lists, and whoever does not is not to be called.</summary>
internal static class DiscoveryChecker
{
    /// <summary>How long at most a list may not be as things are: the longest fault, a pause of 20 s, and 10 s in which it is made good.</summary>
    internal static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    /// <param name="history">With the actions of <see cref="DiscoveryActions"/>; others are passed over. Of processes that have all ended.</param>
    internal static DiscoveryFindings Check(IReadOnlyList<Operation> history)
    {
        var (registers, deregisters) = (Of(DiscoveryActions.Register), Of(DiscoveryActions.Deregister));
        var uptimes = Of(DiscoveryActions.Pulse)
            .GroupBy(pulse => pulse.Process, StringComparer.Ordinal)
            .ToDictionary(pulses => pulses.Key, Uptime.Of, StringComparer.Ordinal);
        var lives = registers.Concat(deregisters)
            .GroupBy(call => call.Key, StringComparer.Ordinal)
            .Select(calls => InstanceLife.Of([.. calls], uptimes.GetValueOrDefault(calls.First().Process, Uptime.None)))
            .ToLookup(life => life.Key.Service, StringComparer.Ordinal);
        var lists = Of(DiscoveryActions.See)
            .Where(see => see.Outcome == Outcome.Ok)
            .Select(SeenList.Of)
            .OrderBy(list => list.At)
            .ToLookup(list => list.Service, StringComparer.Ordinal);
        List<Sightings> sightings = [.. lives.SelectMany(service => Look(service, lists[service.Key], uptimes))];
        List<Lapse> unlisted = [.. sightings.SelectMany(LiveInstances.Unlisted)];
        List<Lapse> uncallable = [.. sightings.SelectMany(LiveInstances.Uncallable)];
        List<Lapse> deadCallable = [.. sightings.SelectMany(GoneInstances.Callable)];
        return new DiscoveryFindings(
            [
                .. TooLong(unlisted, Recovery, "did not know of", "and it was registered"),
                .. TooLong(uncallable, Recovery, "was not to call", "and it was beating"),
                .. TooLong(deadCallable, ChaosSettings.DiscoveryLease + Recovery, "was to call", "and it was dead"),
                .. TooLong(sightings.SelectMany(GoneInstances.Listed), Recovery, "knew of", "and it was deregistered"),
                .. sightings.SelectMany(seen => LiveInstances.Vanished(seen).Select(gone => $"{seen.Instance.Key}: {seen.Watcher} saw it no more at {gone.At} "
                    + $"(version {gone.Version}), and it was registered at {seen.Instance.RegisteredAt} and beating")),
                .. sightings.SelectMany(seen => GoneInstances.CameBack(seen).Select(back => $"{seen.Instance.Key}: {seen.Watcher} saw it again at {back.At} "
                    + $"(version {back.Version}), and it was deregistered at {seen.Instance.GoneAt}")),
                .. lists.SelectMany(service => SeenListChecker
                    .Violations([.. service], lives[service.Key].Select(life => life.Key.Id).ToHashSet(StringComparer.Ordinal))
                    .Select(violation => $"{service.Key}: {violation}")),
                .. SurpriseChecker.Violations([.. registers, .. Of(DiscoveryActions.Find)], nameof(ClusterUnavailableException)),
                .. SurpriseChecker.Violations(deregisters, nameof(TimeoutException)),
            ],
            Longest(unlisted),
            Longest(uncallable),
            Longest(deadCallable));

        List<Operation> Of(string action) => [.. history.Where(operation => operation.Action == action)];
    }

    /// <summary>What each process' list of a service said of each of its instances.</summary>
    private static IEnumerable<Sightings> Look(
        IEnumerable<InstanceLife> lives, IEnumerable<SeenList> lists, IReadOnlyDictionary<string, Uptime> uptimes)
    {
        // Also of those who never got a list.
        var watchers = lists.ToLookup(list => list.Process, StringComparer.Ordinal);
        foreach (var (watcher, uptime) in uptimes)
        {
            var changes = Changes(watchers[watcher]);
            foreach (var life in lives)
            {
                yield return new Sightings(watcher, uptime, life, changes.GetValueOrDefault(life.Key.Id) ?? []);
            }
        }
    }

    private static Dictionary<string, List<Sighting>> Changes(IEnumerable<SeenList> lists)
    {
        var changes = new Dictionary<string, List<Sighting>>(StringComparer.Ordinal);
        IReadOnlyDictionary<string, Sight> before = new Dictionary<string, Sight>();
        foreach (var list in lists)
        {
            foreach (var id in before.Keys.Union(list.Instances.Keys, StringComparer.Ordinal))
            {
                var sight = list.Instances.GetValueOrDefault(id);
                if (sight != before.GetValueOrDefault(id))
                {
                    changes[id] = changes.GetValueOrDefault(id) ?? [];
                    changes[id].Add(new Sighting(list.At, list.Version, sight));
                }
            }

            before = list.Instances;
        }

        return changes;
    }

    private static IEnumerable<string> TooLong(IEnumerable<Lapse> lapses, TimeSpan bound, string what, string although) => lapses
        .Where(lapse => lapse.Length > bound)
        .Select(lapse => $"{lapse.Of.Instance.Key}: {lapse.Of.Watcher} {what} it {lapse}, {although}");

    private static TimeSpan Longest(List<Lapse> lapses) => lapses.Select(lapse => lapse.Length).DefaultIfEmpty().Max();
}
