using OrleansPatterns.Cluster;

namespace OrleansPatterns.Catalog;

/// <inheritdoc cref="ICatalogSearch"/>
internal sealed class CatalogSearch(IGrainFactory grains, ClusterCaller caller) : ICatalogSearch
{
    private ICatalogSearchGrain Grain => grains.GetGrain<ICatalogSearchGrain>(ICatalogSearchGrain.Key);

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        CatalogQueryCheck.ThrowIfInvalid(query);
        return caller.CallAsync($"list {query.Pattern} rows", _ => Grain.ListAsync(query), cancellationToken);
    }

    public async Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return await caller.CallAsync($"count {pattern} rows", _ => Grain.CountAsync(pattern), cancellationToken);
    }
}
