using Orleans.Concurrency;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Reads the catalog for clients.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "catalogsearch")]
[StatelessWorker]
internal sealed class CatalogSearchGrain(ICatalog catalog) : Grain, ICatalogSearchGrain
{
    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query) => catalog.ListAsync(query);

    public async Task<Dictionary<string, int>> CountAsync(string pattern) => new(await catalog.CountAsync(pattern));
}
