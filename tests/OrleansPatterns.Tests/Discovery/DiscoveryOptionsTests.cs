using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class DiscoveryOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new DiscoveryOptions();
        Assert.Equal(
            (5, 15, 60, 5),
            (options.HeartbeatInterval.TotalSeconds, options.Lease.TotalSeconds, options.RemoveAfter.TotalSeconds, options.RefreshInterval.TotalSeconds));
        Assert.Equal(
            (LoadBalancing.PowerOfTwoChoices, null, 6, 0.5, null),
            (options.LoadBalancing, options.Zone, options.ZoneMinimumInstances, options.PanicThreshold, options.SlowStart));
        Assert.Equal(
            (5, 30, 300, 0.1), (options.EjectAfterErrors, options.EjectFor.TotalSeconds, options.MaxEjection.TotalSeconds, options.MaxEjectedShare));
    }

    [Fact]
    public void Validate_SeveralFaults_ReportsAllOfThem()
    {
        var options = new DiscoveryOptions
        {
            Lease = TimeSpan.FromSeconds(9),
            RemoveAfter = TimeSpan.FromSeconds(8),
            RefreshInterval = TimeSpan.Zero,
            LoadBalancing = LoadBalancing.None,
            Zone = "",
            ZoneMinimumInstances = 0,
            PanicThreshold = double.NaN,
            SlowStart = TimeSpan.Zero,
            EjectAfterErrors = 0,
            EjectFor = TimeSpan.FromDays(3),
            MaxEjection = TimeSpan.FromDays(2),
            MaxEjectedShare = 1.5,
        };
        Assert.Equal(
            [
                "DiscoveryOptions.Lease is 00:00:09; it must be at least twice HeartbeatInterval (00:00:05) and 00:00:00.5000000, and at most 01:00:00.",
                "DiscoveryOptions.RemoveAfter is 00:00:08; it must be 00:00:09 to 1.00:00:00.",
                "DiscoveryOptions.RefreshInterval is 00:00:00; it must be 00:00:00.1000000 to 00:00:20.",
                "DiscoveryOptions.LoadBalancing is None; it must be RoundRobin, Random, PowerOfTwoChoices, Weighted or RendezvousHash.",
                "DiscoveryOptions.Zone is 0 characters long; it must be 1 to 512, or null.",
                "DiscoveryOptions.ZoneMinimumInstances is 0; it must be 1 to 1000.",
                "DiscoveryOptions.PanicThreshold is NaN; it must be 0 to 1.",
                "DiscoveryOptions.SlowStart is 00:00:00; it must be greater than zero and at most 01:00:00, or null.",
                "DiscoveryOptions.EjectAfterErrors is 0; it must be 1 to 1000.",
                "DiscoveryOptions.EjectFor is 3.00:00:00; it must be greater than zero and at most MaxEjection (2.00:00:00).",
                "DiscoveryOptions.MaxEjection is 2.00:00:00; it must be at most 1.00:00:00.",
                "DiscoveryOptions.MaxEjectedShare is 1.5; it must be 0 to 1.",
            ],
            new DiscoveryOptionsValidator().Validate(null, options).Failures);
    }
}
