using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>What has changed in a service's list from one version to another.</summary>
/// <remarks>
/// Says how things are and not what was done, so it also fits onto any version in between. Who has an older one asks for the whole list.
/// </remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ServiceChange")]
public sealed record ServiceChange
{
    /// <summary>The list's <see cref="ServiceSnapshot.Epoch"/>.</summary>
    [Id(0)]
    public required Guid Epoch { get; init; }

    /// <summary>The oldest version that this fits onto.</summary>
    [Id(1)]
    public required long Since { get; init; }

    /// <summary>The version that it makes.</summary>
    [Id(2)]
    public required long Version { get; init; }

    /// <summary>Instances that are new or not as they were, ordered by id.</summary>
    [Id(3)]
    public ImmutableArray<ServiceInstance> Changed { get; init; } = [];

    /// <summary>Ids of instances that have left, in order.</summary>
    [Id(4)]
    public ImmutableArray<string> Removed { get; init; } = [];

    /// <summary>As in <see cref="ServiceSnapshot.IsProtected"/>.</summary>
    [Id(5)]
    public bool IsProtected { get; init; }

    /// <summary>As in <see cref="ServiceSnapshot.Shards"/>.</summary>
    [Id(6)]
    public int Shards { get; init; } = 1;

    /// <summary>How things are now with some instances.</summary>
    /// <param name="since">The oldest version that the change is to fit onto.</param>
    /// <param name="after">The list as it is.</param>
    /// <param name="touched">All that has changed since, back and forth too: see <see cref="Touched"/>.</param>
    internal static ServiceChange Of(long since, ServiceSnapshot after, IReadOnlySet<string> touched)
    {
        ImmutableArray<ServiceInstance> changed = [.. after.Instances.Where(instance => touched.Contains(instance.Id))];
        return new ServiceChange
        {
            Epoch = after.Epoch,
            Since = since,
            Version = after.Version,
            Changed = changed,
            Removed = [.. touched.Except(changed.Select(static instance => instance.Id)).Order(StringComparer.Ordinal)],
            IsProtected = after.IsProtected,
            Shards = after.Shards,
        };
    }

    /// <summary>The ids of instances that are not the same in both lists.</summary>
    internal static IEnumerable<string> Touched(ServiceSnapshot before, ServiceSnapshot after)
    {
        var old = 0;
        foreach (var instance in after.Instances)
        {
            while (old < before.Instances.Length && string.CompareOrdinal(before.Instances[old].Id, instance.Id) < 0)
            {
                yield return before.Instances[old++].Id;
            }

            var isKnown = old < before.Instances.Length && string.Equals(before.Instances[old].Id, instance.Id, StringComparison.Ordinal);
            if (!isKnown || before.Instances[old] != instance)
            {
                yield return instance.Id;
            }

            old += isKnown ? 1 : 0;
        }

        for (; old < before.Instances.Length; old++)
        {
            yield return before.Instances[old].Id;
        }
    }

    /// <summary>Whether a list can be brought up to date by this alone.</summary>
    internal bool FitsOnto(ServiceSnapshot snapshot) =>
        (snapshot.Epoch == Epoch || snapshot is { Version: 0, Instances.IsEmpty: true }) && snapshot.Version >= Since && snapshot.Version < Version;

    /// <summary>The list after the change.</summary>
    internal ServiceSnapshot ApplyTo(ServiceSnapshot snapshot)
    {
        var gone = Removed.Concat(Changed.Select(static instance => instance.Id)).ToHashSet(StringComparer.Ordinal);
        return snapshot with
        {
            Epoch = Epoch,
            Version = Version,
            IsProtected = IsProtected,
            Shards = Shards,
            Instances =
            [
                .. snapshot.Instances.Where(instance => !gone.Contains(instance.Id)).Concat(Changed).OrderBy(static instance => instance.Id, StringComparer.Ordinal),
            ],
        };
    }
}
