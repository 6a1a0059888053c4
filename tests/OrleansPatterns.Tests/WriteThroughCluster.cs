using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests;

/// <summary>Two silos in memory and a client, on the real clock, whose lock grains write every decision before they answer.</summary>
public sealed class WriteThroughCluster : IAsyncLifetime
{
    private PatternsTestCluster? _patterns;

    public TestCluster Cluster => _patterns?.TestCluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync(options =>
    {
        options.UseRealTime = true;
        options.ConfigureSilo(silo => silo.Services.Configure<LockOptions>(locks => locks.Durability = LockDurability.WriteThrough));
    });

    public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;
}
