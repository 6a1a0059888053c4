using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Testing;
using OrleansPatterns.Tests.CircuitBreakers;

[assembly: AssemblyFixture(typeof(OrleansPatterns.Tests.MemoryCluster))]

namespace OrleansPatterns.Tests;

/// <summary>Two silos in memory and a client, on the real clock, for all tests that do not move time.</summary>
public sealed class MemoryCluster : IAsyncLifetime
{
    private PatternsTestCluster? _patterns;

    public TestCluster Cluster => Patterns.TestCluster;

    private PatternsTestCluster Patterns => _patterns ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public T Service<T>()
        where T : notnull => Patterns.Service<T>();

    /// <summary>What listeners in both silos have heard.</summary>
    internal static RecordedTransitions Transitions { get; } = new();

    public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync(options =>
    {
        options.UseRealTime = true;
        options.ConfigureSilo(silo => silo.Services.AddSingleton<IBreakerListener>(Transitions));
    });

    public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;
}
