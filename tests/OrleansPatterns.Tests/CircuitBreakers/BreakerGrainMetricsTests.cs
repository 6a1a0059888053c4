using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerGrainMetricsTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    [Fact]
    public async Task Transitions_AreCountedOnceByTheStateAfter()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        var grain = fixture.Cluster.Client.GetBreakerGrain(FreshDependency());
        await grain.ReportAsync(Report(100)).Soon();
        await grain.HoldAsync(Isolation("moving house")).Soon();
        await grain.HoldAsync(Isolation("moving house")).Soon();
        await grain.CloseAsync("me").Soon();
        await grain.GetStatusAsync().Soon();

        Assert.Equal([("state=open", 1), ("state=isolated", 1), ("state=closed", 1)], metrics.Of("breaker.transitions"));
    }

    [Fact]
    public async Task Provider_HasItsBreakersCounted()
    {
        var client = fixture.Cluster.Client.ServiceProvider;
        using var metrics = new RecordedMetrics(client);
        _ = client.GetRequiredService<ICircuitBreakerProvider>().Get(FreshDependency());
        _ = client.GetRequiredService<ICircuitBreakerProvider>().Get(FreshDependency());

        Assert.Equal([("state=closed authority=cluster", 2)], metrics.Read("breaker.breakers"));
    }
}
