namespace OrleansPatterns.Catalog;

/// <summary>Where clients, which do not see the catalog, ask for lists.</summary>
[Alias("OrleansPatterns.ICatalogSearchGrain")]
internal interface ICatalogSearchGrain : IGrainWithStringKey
{
    internal const string Key = "catalog/search";

    [Alias("List")]
    Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query);

    [Alias("Count")]
    Task<Dictionary<string, int>> CountAsync(string pattern);
}
