using Orleans.Concurrency;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Lists sagas out of the catalog.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "sagasearch")]
[StatelessWorker]
internal sealed class SagaSearchGrain(ICatalog catalog) : Grain, ISagaSearchGrain
{
    public async Task<IReadOnlyList<SagaListing>> ListAsync(SagaQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var entries = await catalog.ListAsync(new CatalogQuery
        {
            Pattern = PatternNames.Saga,
            Statuses = query.Phase is { } phase ? [phase.ToString()] : [],
            KeyContains = query.IdContains,
            After = query.After,
            SummaryContains = SagaCatalogRow.ContainedBy(query),
            MinAge = query.MinAge,
            MaxCount = query.MaxCount,
        });
        return [.. entries.Select(SagaCatalogRow.ListingOf)];
    }
}
