using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>A large service is spread over several lists, each with a grain of its own, so that no list is too long to be written and sent.</summary>
/// <remarks>
/// The number of lists only ever grows, to twice as many at a time. The first list knows it. An instance's list follows from its id; one that is still
/// in another, because the number has just grown, moves with a heartbeat, and whoever reads reads all lists.
/// </remarks>
internal static class ServiceShards
{
    internal const int MaxShards = 1_024;

    /// <summary>The grain key of one of a service's lists; the first is the service's own.</summary>
    internal static string GrainKey(string service, int shard) => GrainKeys.For(PatternOf(shard), ResourceKey.Parse(service));

    /// <summary>Takes apart what <see cref="GrainKey"/> made.</summary>
    /// <exception cref="ArgumentException">It did not.</exception>
    internal static (string Service, int Shard) Parse(string grainKey)
    {
        var end = grainKey.IndexOf('/', StringComparison.Ordinal);
        var start = PatternNames.Service.Length + 1;
        var shard = end > start && int.TryParse(grainKey.AsSpan(start, end - start), out var number) ? number : 0;
        return (GrainKeys.UserKey(PatternOf(shard), grainKey).Value, shard);
    }

    /// <summary>In which of so many lists an instance is at home. The same in every process and version: FNV-1a (Fowler, Noll, Vo), well mixed.</summary>
    internal static int HomeOf(string instanceId, int shards)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var character in instanceId)
        {
            hash = (hash ^ character) * 1_099_511_628_211UL;
        }

        hash ^= hash >> 32;
        return (int)((hash * 0x9E37_79B9_7F4A_7C15UL >> 33) % (uint)shards);
    }

    /// <summary>All lists of a service as one. An instance that is moving is in two of them; that of its home holds.</summary>
    internal static ServiceSnapshot Merge(IReadOnlyList<ServiceSnapshot> lists)
    {
        var first = lists[0];
        if (lists.Count == 1)
        {
            return first;
        }

        return first with
        {
            Version = lists.Sum(static list => list.Version),
            Instances = [.. Merge([.. lists.Select(static list => list.Instances)], static instance => instance.Id)],
            IsProtected = lists.Any(static list => list.IsProtected),
        };
    }

    /// <summary>What several lists say of their instances, ordered by id. Of one that is moving, and so in two of them, what its home says.</summary>
    internal static IEnumerable<T> Merge<T>(IReadOnlyList<ImmutableArray<T>> lists, Func<T, string> idOf)
    {
        var whole = new SortedDictionary<string, T>(StringComparer.Ordinal);
        for (var shard = 0; shard < lists.Count; shard++)
        {
            foreach (var one in lists[shard])
            {
                if (!whole.TryAdd(idOf(one), one) && HomeOf(idOf(one), lists.Count) == shard)
                {
                    whole[idOf(one)] = one;
                }
            }
        }

        return whole.Values;
    }

    private static string PatternOf(int shard) => shard == 0 ? PatternNames.Service : $"{PatternNames.Service}-{shard}";
}
