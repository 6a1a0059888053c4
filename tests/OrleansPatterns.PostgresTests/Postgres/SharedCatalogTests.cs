using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The catalog of test clusters.</summary>
public sealed class SharedCatalogTests(SharedCatalogTests.Cluster cluster) : CatalogSuite, IClassFixture<SharedCatalogTests.Cluster>
{
    protected override ICatalog Catalog => cluster.Catalog;

    protected override Task AdvanceAsync(TimeSpan time)
    {
        cluster.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>The clock stands still.</summary>
    protected override Task SetUpdatedAtAsync(DateTimeOffset instant) => Task.CompletedTask;

    public sealed class Cluster : MemoryCatalogTests.Cluster
    {
        protected override void UseCatalog(IServiceCollection services)
        {
        }
    }
}
