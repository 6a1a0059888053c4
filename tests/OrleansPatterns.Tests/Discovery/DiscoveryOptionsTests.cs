using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class DiscoveryOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new DiscoveryOptions();
        Assert.Equal(
            (5, 15, 5, LoadBalancing.RoundRobin),
            (options.HeartbeatInterval.TotalSeconds, options.Lease.TotalSeconds, options.RefreshInterval.TotalSeconds, options.LoadBalancing));
    }

    [Fact]
    public void Validate_SeveralFaults_ReportsAllOfThem()
    {
        var options = new DiscoveryOptions { Lease = TimeSpan.FromSeconds(9), RefreshInterval = TimeSpan.Zero, LoadBalancing = LoadBalancing.None };
        Assert.Equal(
            [
                "DiscoveryOptions.Lease is 00:00:09; it must be at least twice HeartbeatInterval (00:00:05) and at most 01:00:00.",
                "DiscoveryOptions.RefreshInterval is 00:00:00; it must be 00:00:00.1000000 to 00:05:00.",
                "DiscoveryOptions.LoadBalancing is None; it must be RoundRobin or Random.",
            ],
            new DiscoveryOptionsValidator().Validate(null, options).Failures);
    }
}
