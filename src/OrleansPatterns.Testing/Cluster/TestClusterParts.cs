using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using OrleansPatterns.Testing.Sagas;
using OrleansPatterns.Testing.Storage;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>What silos and client of one test cluster share, outside of all of them: it stays when a silo is killed.</summary>
/// <remarks>Orleans makes the configurators of a test cluster by type name, so they find this by a number in their configuration.</remarks>
/// <param name="time">The cluster's clock; <see langword="null"/>: the real one.</param>
internal sealed class TestClusterParts(TimeProvider? time)
{
    private const string ConfigurationKey = "OrleansPatterns:Testing:Parts";

    private static readonly ConcurrentDictionary<string, TestClusterParts> All = new();

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<SiloAddress, bool> _killed = [];
    private SharedCatalogRows? _catalog;

    internal TimeProvider? Time { get; } = time;

    internal SharedRows Rows { get; } = new();

    internal ClusterActivity Activity { get; } = new();

    internal SilencedHolders Silenced { get; } = new();

    internal SagaStepFaults Faults { get; } = new();

    /// <summary>Where silos find each other; <see langword="null"/>: where the test cluster puts it, in its first silo.</summary>
    internal SharedMembershipTable? Membership { get; init; }

    internal Action<ISiloBuilder>? ConfigureSilo { get; init; }

    internal Action<IClientBuilder>? ConfigureClient { get; init; }

    /// <summary>The catalog's rows, by the clock of the first silo to ask; all have the same.</summary>
    internal SharedCatalogRows Catalog(TimeProvider time) => LazyInitializer.EnsureInitialized(ref _catalog, () => new SharedCatalogRows(time));

    internal void Publish(IDictionary<string, string?> properties)
    {
        All[_id] = this;
        properties[ConfigurationKey] = _id;
    }

    internal static TestClusterParts Find(IConfiguration configuration) =>
        All.GetValueOrDefault(configuration[ConfigurationKey] ?? "")
        ?? throw new InvalidOperationException("This configuration is not that of a test cluster to which AddOrleansPatterns was applied, or that cluster was disposed of.");

    /// <summary>No silo is made after this.</summary>
    internal void Withdraw() => All.TryRemove(_id, out _);

    /// <summary>From now on nothing that the silo says or stores counts: its process would be gone.</summary>
    internal void Kill(SiloAddress silo) => _killed[silo] = true;

    internal bool IsKilled(SiloAddress silo) => _killed.ContainsKey(silo);
}
