namespace OrleansPatterns.Sagas;

/// <summary>Where clients, which do not see the catalog, ask for lists.</summary>
[Alias("OrleansPatterns.ISagaSearchGrain")]
internal interface ISagaSearchGrain : IGrainWithStringKey
{
    internal const string Key = "saga/search";

    [Alias("List")]
    Task<IReadOnlyList<SagaListing>> ListAsync(SagaQuery query);
}
