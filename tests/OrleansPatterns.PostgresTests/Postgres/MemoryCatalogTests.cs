using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;
using OrleansPatterns.Testing;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The in-memory twin, of silos without a database. Here, and not beside the other in-memory tests, because the suite is one for all.</summary>
public sealed class MemoryCatalogTests(MemoryCatalogTests.Cluster cluster) : CatalogSuite, IClassFixture<MemoryCatalogTests.Cluster>
{
    protected override ICatalog Catalog => cluster.Catalog;

    protected override Task AdvanceAsync(TimeSpan time)
    {
        cluster.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>The clock stands still.</summary>
    protected override Task SetUpdatedAtAsync(DateTimeOffset instant) => Task.CompletedTask;

    public sealed class Cluster : IAsyncLifetime
    {
        private PatternsTestCluster? _patterns;

        internal ICatalog Catalog => Service<ICatalog>();

        public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync(options =>
        {
            options.Silos = 1;
            options.ConfigureSilo(Configure);
        });

        public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;

        internal T Service<T>()
            where T : notnull => _patterns!.TestCluster.GetSiloServiceProvider().GetRequiredService<T>();

        internal void Advance(TimeSpan time) => _patterns!.Time.Advance(time);

        private void Configure(ISiloBuilder silo)
        {
            silo.Services.Replace(ServiceDescriptor.Singleton<ICatalog, MemoryCatalog>());

            // The silo's own wake-up service would claim what the tests want to claim.
            silo.Services.Remove(silo.Services.Single(descriptor => descriptor.ImplementationType == typeof(WakeUpService)));
        }
    }
}
