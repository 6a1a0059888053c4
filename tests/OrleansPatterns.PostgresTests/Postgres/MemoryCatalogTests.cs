using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>The in-memory twin. Here, and not beside the other in-memory tests, because the suite is one for both.</summary>
public sealed class MemoryCatalogTests(MemoryCatalogTests.Cluster cluster) : CatalogSuite, IClassFixture<MemoryCatalogTests.Cluster>
{
    protected override ICatalog Catalog => cluster.Catalog;

    protected override Task AdvanceAsync(TimeSpan time)
    {
        cluster.Time.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>The clock stands still.</summary>
    protected override Task SetUpdatedAtAsync(DateTimeOffset instant) => Task.CompletedTask;

    public sealed class Cluster : IAsyncLifetime
    {
        private TestCluster? _cluster;

        public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        internal ICatalog Catalog => _cluster!.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress).GetRequiredService<ICatalog>();

        public async ValueTask InitializeAsync()
        {
            _cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns(Time).AddSiloBuilderConfigurator<WithoutWakeUps>().Build();
            await _cluster.DeployAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }

        /// <summary>The silo's own wake-up service would claim what the tests want to claim.</summary>
        private sealed class WithoutWakeUps : ISiloConfigurator
        {
            public void Configure(ISiloBuilder siloBuilder)
            {
                var service = siloBuilder.Services.Single(descriptor => descriptor.ImplementationType == typeof(WakeUpService));
                siloBuilder.Services.Remove(service);
            }
        }
    }
}
