using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests;

/// <summary>Two silos in memory and a client, on the real clock, whose lock grains write every decision before they answer.</summary>
public sealed class WriteThroughCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public async ValueTask InitializeAsync()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 2).AddOrleansPatterns().AddSiloBuilderConfigurator<WriteThrough>().Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    private sealed class WriteThrough : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) =>
            siloBuilder.Services.Configure<LockOptions>(options => options.Durability = LockDurability.WriteThrough);
    }
}
