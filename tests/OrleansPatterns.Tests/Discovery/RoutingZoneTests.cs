using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>How much stays in the caller's zone.</summary>
public sealed class RoutingZoneTests
{
    private const int Picks = 60_000;

    /// <summary>Calls of a process in zone a; a dash is no zone.</summary>
    [Theory]
    [InlineData("aaabbb", 1)]
    [InlineData("aaaabb", 1)]
    [InlineData("aabbbb", 2.0 / 3)]
    [InlineData("abbbbb", 1.0 / 3)]
    [InlineData("abbbccc", 3.0 / 7)]
    [InlineData("aabbcc", 1)]
    [InlineData("aabb----", 0.5)]
    [InlineData("aaaa----", 0.5)]
    [InlineData("aaabb", 0.6)]
    [InlineData("bbbccc", 0)]
    [InlineData("aaaaaa", 1)]
    public void Pick_InZoneA_KeepsThisShareThere(string zones, double expected)
    {
        var router = Router("a").Show(Instances(zones));
        foreach (var policy in new[] { LoadBalancing.RoundRobin, LoadBalancing.Random, LoadBalancing.PowerOfTwoChoices, LoadBalancing.Weighted })
        {
            var stays = router.Shares(policy).Where(share => share.Key[0] == 'a').Sum(share => share.Value);
            Assert.InRange(stays, expected - 0.01, expected + 0.01);
        }
    }

    [Theory]
    [InlineData("aabbbbcccccc", LoadBalancing.RoundRobin)]
    [InlineData("aabbbbcccccc", LoadBalancing.Random)]
    [InlineData("aabbbbcccccc", LoadBalancing.PowerOfTwoChoices)]
    [InlineData("aabbbbcccccc", LoadBalancing.Weighted)]
    [InlineData("abbbbbccccdd", LoadBalancing.Random)]
    [InlineData("aaabbbccc---", LoadBalancing.Random)]
    [InlineData("abc---------", LoadBalancing.Random)]
    public void Pick_FromEveryZoneAlike_LoadsEveryInstanceAlike(string zones, LoadBalancing policy)
    {
        var load = Load(zones, policy, weight: _ => 1);
        Assert.Equal(zones.Length, load.Count);
        Assert.All(load.Values, share => Assert.InRange(share * zones.Length, 0.95, 1.05));
    }

    [Fact]
    public void Pick_ByWeight_GoesByTheWeightsOfTheZones()
    {
        // Zone a has 1 + 1, b 1 + 1, c 2 + 2 and a zero.
        var load = Load("aabbccc", LoadBalancing.Weighted, weight: index => index < 4 ? 1 : index < 6 ? 2 : 0);
        Assert.Equal(6, load.Count);
        Assert.All(load, share => Assert.InRange(share.Value * 8 / (share.Key[0] == 'c' ? 2 : 1), 0.95, 1.05));
    }

    [Fact]
    public void Pick_BelowTheMinimum_DoesNotLookAtZones()
    {
        Assert.Equal(["a0", "a1", "a2"], Ids(Router("a").Show(Instances("aaabbb"))));
        Assert.Equal(6, Ids(new TestRouter(new DiscoveryOptions { Zone = "a", ZoneMinimumInstances = 7 }).Show(Instances("aaabbb"))).Count());
    }

    [Fact]
    public void Pick_WithAFilter_LooksAtTheZonesOfThoseThatPass()
    {
        var router = Router("a").Show(Instances("aaabbbbb"));
        Assert.Equal(["a0", "a1", "a2"], Ids(router, instance => instance.Id is not ("b3" or "b4")));
        Assert.Equal(5, Ids(router, instance => instance.Id is not ("b3" or "b4" or "b5")).Count());
    }

    [Fact]
    public void Pick_InAPanic_DoesNotLookAtZones()
    {
        var suspects = Instances("aaabbb").Select(instance => instance with { Status = InstanceStatus.Down, StatusSource = StatusSource.Lease });
        Assert.Equal(6, Ids(Router("a").Show(suspects)).Count());
        Assert.Equal(6, Ids(Router("a").Show(suspects), _ => true).Count());
    }

    private static TestRouter Router(string? zone) => new(new DiscoveryOptions { Zone = zone });

    private static IEnumerable<ServiceInstance> Instances(string zones, Func<int, double>? weight = null) =>
        zones.Select((zone, index) => TestRouter.Instance($"{zone}{index}", weight?.Invoke(index) ?? 1, zone == '-' ? null : $"{zone}"));

    private static IEnumerable<string> Ids(TestRouter router, Func<ServiceInstance, bool>? filter = null) =>
        router.Shares(LoadBalancing.Random, picks: 1000, filter).Keys.Order();

    /// <summary>The share of each instance when as many calls come from each zone.</summary>
    private static Dictionary<string, double> Load(string zones, LoadBalancing policy, Func<int, double> weight)
    {
        var callers = zones.Where(zone => zone != '-').Distinct().ToList();
        return callers
            .SelectMany(zone => Router($"{zone}").Show(Instances(zones, weight)).Shares(policy, Picks))
            .GroupBy(share => share.Key)
            .ToDictionary(shares => shares.Key, shares => shares.Sum(share => share.Value) / callers.Count);
    }
}
