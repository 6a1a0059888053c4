using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Tests.CircuitBreakers;

[assembly: AssemblyFixture(typeof(OrleansPatterns.Tests.MemoryCluster))]

namespace OrleansPatterns.Tests;

/// <summary>Two silos in memory and a client, on the real clock, for all tests that do not move time.</summary>
public sealed class MemoryCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public T Service<T>()
        where T : notnull => Cluster.Client.ServiceProvider.GetRequiredService<T>();

    /// <summary>What listeners in both silos have heard.</summary>
    internal static RecordedTransitions Transitions { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 2).AddOrleansPatterns().AddSiloBuilderConfigurator<Listeners>().Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    private sealed class Listeners : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddSingleton<IBreakerListener>(Transitions);
    }
}
