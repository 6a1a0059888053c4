using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Catalog;
using OrleansPatterns.Testing.Cluster;
using OrleansPatterns.Testing.Storage;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The catalog of test clusters, one for each test: nothing that another has left is due.</summary>
public sealed class SharedCatalogTests : CatalogSuite, IClassFixture<MemoryCatalogTests.Cluster>
{
    private readonly FakeTimeProvider _time = new();

    public SharedCatalogTests(MemoryCatalogTests.Cluster cluster) => Catalog = new SharedCatalog(new SharedCatalogRows(_time), cluster.Service<SiloLife>());

    protected override ICatalog Catalog { get; }

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>The clock stands still.</summary>
    protected override Task SetUpdatedAtAsync(DateTimeOffset instant) => Task.CompletedTask;
}
