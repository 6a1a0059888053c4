using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;
using OrleansPatterns.Testing.Cluster;

namespace OrleansPatterns.Testing.Storage;

/// <summary>One silo's way to the catalog of its test cluster. A silo that was killed has none any more.</summary>
internal sealed class SharedCatalog(SharedCatalogRows rows, SiloLife silo) : ICatalog
{
    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken = default) => ChangeAsync(table => table.Upsert(entry));

    public Task RemoveAsync(string pattern, string key, long version, CancellationToken cancellationToken = default) =>
        ChangeAsync(table => table.Remove(pattern, key, version));

    public Task<CatalogEntry?> FindAsync(string pattern, string key, CancellationToken cancellationToken = default) => UseAsync(table => table.Find(pattern, key));

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default)
    {
        CatalogQueryCheck.ThrowIfInvalid(query);
        return UseAsync(table => table.List(query));
    }

    public Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default) =>
        UseAsync<IReadOnlyDictionary<string, int>>(table => table.Count(pattern));

    public Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease, CancellationToken cancellationToken = default) =>
        UseAsync(table => table.ClaimDue(maxCount, lease));

    private Task<bool> ChangeAsync(Action<MemoryCatalogTable> change) => UseAsync(table =>
    {
        change(table);
        return true;
    });

    private Task<T> UseAsync<T>(Func<MemoryCatalogTable, T> use)
    {
        silo.ThrowIfKilled();
        return Task.FromResult(rows.Use(use));
    }
}
