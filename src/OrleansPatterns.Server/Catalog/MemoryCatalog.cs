using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>The catalog of a cluster without a database. Lost with the silo that happens to hold it, as memory grain storage is.</summary>
internal sealed class MemoryCatalog(IGrainFactory grains) : ICatalog
{
    private IMemoryCatalogGrain Grain => grains.GetGrain<IMemoryCatalogGrain>("catalog/all");

    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken = default) =>
        Grain.UpsertAsync(entry).WaitAsync(cancellationToken);

    public Task RemoveAsync(string pattern, string key, long version, CancellationToken cancellationToken = default) =>
        Grain.RemoveAsync(pattern, key, version).WaitAsync(cancellationToken);

    public Task<CatalogEntry?> FindAsync(string pattern, string key, CancellationToken cancellationToken = default) =>
        Grain.FindAsync(pattern, key).WaitAsync(cancellationToken);

    public async Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default)
    {
        CatalogQueryCheck.ThrowIfInvalid(query);
        return await Grain.ListAsync(query).WaitAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default) =>
        await Grain.CountAsync(pattern).WaitAsync(cancellationToken);

    public Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease, CancellationToken cancellationToken = default) =>
        Grain.ClaimDueAsync(maxCount, lease).WaitAsync(cancellationToken);
}
