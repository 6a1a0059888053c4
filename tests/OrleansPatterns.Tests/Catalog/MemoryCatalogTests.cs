using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Tests.Catalog;

public sealed class MemoryCatalogTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private ICatalog Catalog =>
        fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<ICatalog>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upsert_WithLowerVersion_ChangesNothing()
    {
        var entry = new CatalogEntry { Pattern = "test-upsert", Key = "k", Status = "New", Version = 2 };
        await Catalog.UpsertAsync(entry, Token);
        await Catalog.UpsertAsync(entry with { Status = "Old", Version = 1 }, Token);
        Assert.Equal("New", (await Catalog.FindAsync(entry.Pattern, entry.Key, Token))?.Status);
    }
}
