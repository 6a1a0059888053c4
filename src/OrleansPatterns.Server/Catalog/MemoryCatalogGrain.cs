using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>The in-memory twin of the PostgreSQL catalog: same rules, gone with its silo.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "memorycatalog")]
[KeepAlive]
internal sealed class MemoryCatalogGrain(TimeProvider time) : Grain, IMemoryCatalogGrain
{
    private readonly MemoryCatalogTable _table = new(time);

    public Task UpsertAsync(CatalogEntry entry)
    {
        _table.Upsert(entry);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string pattern, string key, long version)
    {
        _table.Remove(pattern, key, version);
        return Task.CompletedTask;
    }

    public Task<CatalogEntry?> FindAsync(string pattern, string key) => Task.FromResult(_table.Find(pattern, key));

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query) => Task.FromResult(_table.List(query));

    public Task<Dictionary<string, int>> CountAsync(string pattern) => Task.FromResult(_table.Count(pattern));

    public Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease) => Task.FromResult(_table.ClaimDue(maxCount, lease));
}
