using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Holds the whole catalog of a cluster without a database, as Orleans' own memory storage does with its grains.</summary>
[Alias("OrleansPatterns.IMemoryCatalogGrain")]
internal interface IMemoryCatalogGrain : IGrainWithStringKey
{
    [Alias("Upsert")]
    Task UpsertAsync(CatalogEntry entry);

    [Alias("Remove")]
    Task RemoveAsync(string pattern, string key, long version);

    [Alias("Find")]
    Task<CatalogEntry?> FindAsync(string pattern, string key);

    [Alias("List")]
    Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query);

    [Alias("Count")]
    Task<Dictionary<string, int>> CountAsync(string pattern);

    [Alias("ClaimDue")]
    Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease);
}
