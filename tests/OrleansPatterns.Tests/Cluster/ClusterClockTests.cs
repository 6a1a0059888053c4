using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Tests.Cluster;

public sealed class ClusterClockTests(FakeTimeCluster cluster) : IClassFixture<FakeTimeCluster>
{
    [Fact]
    public void Read_OnASiloInMemory_IsUnknown()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddOrleansPatterns().AddOrleansPatterns());
        using var host = builder.Build();
        Assert.Null(Assert.Single(host.Services.GetServices<IClusterClock>()).Read());
    }

    [Fact]
    public void Read_InATestCluster_IsExactlyTheTestsTime()
    {
        var silo = Assert.IsType<InProcessSiloHandle>(cluster.Cluster.Silos[0]);
        var clock = Assert.Single(silo.SiloHost.Services.GetServices<IClusterClock>());
        cluster.Time.Advance(TimeSpan.FromSeconds(7));
        var now = cluster.Time.GetUtcNow();
        Assert.Equal(new ClusterTime(now, now), clock.Read());
    }
}
