using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests;

/// <summary>One silo and a client on a clock that only the test moves. Use as a class fixture: one driver of time.</summary>
public sealed class FakeTimeCluster : IAsyncLifetime
{
    private PatternsTestCluster? _patterns;

    public PatternsTestCluster Patterns => _patterns ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public FakeTimeProvider Time => Patterns.Time;

    public TestCluster Cluster => Patterns.TestCluster;

    public IServiceProvider Silo => Cluster.GetSiloServiceProvider(Cluster.Silos[0].SiloAddress);

    public T Service<T>()
        where T : notnull => Patterns.Service<T>();

    public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync(options => options.Silos = 1);

    public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;
}
