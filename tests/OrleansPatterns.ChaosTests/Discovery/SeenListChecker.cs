namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What cannot have happened if a service has one list, and all see its versions in order.</summary>
internal static class SeenListChecker
{
    /// <param name="lists">Those of one service, each process' in order.</param>
    /// <param name="registered">The ids of all instances that anybody ever began to register.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<SeenList> lists, IReadOnlySet<string> registered) =>
    [
        .. Epochs(lists),
        .. lists.GroupBy(list => list.Process, StringComparer.Ordinal).SelectMany(Backwards),
        .. lists.GroupBy(list => (list.Epoch, list.Version)).SelectMany(Different),
        .. lists
            .SelectMany(list => list.Instances.Keys.Where(id => !registered.Contains(id)).Select(id => (Id: id, List: list)))
            .DistinctBy(unknown => unknown.Id)
            .Select(unknown => $"nobody registered '{unknown.Id}', and it is in the list that {Describe(unknown.List)}"),
    ];

    /// <summary>The list of a service that nobody has registered with yet has none.</summary>
    private static IEnumerable<string> Epochs(IReadOnlyList<SeenList> lists)
    {
        var firsts = lists.Where(list => list.Epoch != Guid.Empty).DistinctBy(list => list.Epoch).ToList();
        if (firsts.Count > 1)
        {
            yield return $"the list was lost, as it has {firsts.Count} epochs: {string.Join("; ", firsts.Select(list => $"{list.Epoch:N} that {Describe(list)}"))}";
        }
    }

    private static IEnumerable<string> Backwards(IEnumerable<SeenList> lists) => lists
        .Zip(lists.Skip(1))
        .Where(pair => pair.First.Epoch == pair.Second.Epoch && pair.First.Version > pair.Second.Version)
        .Select(pair => $"went back to what {Describe(pair.Second)} after what {Describe(pair.First)}");

    private static IEnumerable<string> Different(IEnumerable<SeenList> same)
    {
        var lists = same.DistinctBy(list => list.Text, StringComparer.Ordinal).ToList();
        if (lists.Count > 1)
        {
            yield return $"is not the same to all: {string.Join("; ", lists.Select(list => $"{Describe(list)}: {list.Text}"))}";
        }
    }

    private static string Describe(SeenList list) => $"{list.Process} saw at {list.At} as version {list.Version}";
}
