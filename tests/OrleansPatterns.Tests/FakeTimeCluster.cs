using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;

namespace OrleansPatterns.Tests;

/// <summary>One silo and a client on a clock that only the test moves. Use as a class fixture: one driver of time.</summary>
public sealed class FakeTimeCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public IServiceProvider Silo => Cluster.GetSiloServiceProvider(Cluster.Silos[0].SiloAddress);

    public T Service<T>()
        where T : notnull => Cluster.Client.ServiceProvider.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns(Time).Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
