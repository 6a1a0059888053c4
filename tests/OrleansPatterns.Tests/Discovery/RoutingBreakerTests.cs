using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A router passes over instances whose breaker is open.</summary>
public sealed class RoutingBreakerTests
{
    private readonly HashSet<string> _open = [];
    private readonly DiscoveryOptions _options = new() { BreakerOf = (service, instance) => $"{service}@{instance.Id}" };

    public static TheoryData<LoadBalancing> Policies => ServiceRouterTests.Policies;

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pick_WhereSomeBreakersAreOpen_TakesTheOthers(LoadBalancing policy)
    {
        var router = Router().Show("abcdef");
        _open.UnionWith(["service@a", "service@c", "service@d", "service@f"]);
        Assert.Equal(["b", "e"], Ids(router, policy));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pick_WhereAllBreakersButOneAreOpen_FindsItAlways(LoadBalancing policy)
    {
        var instances = Enumerable.Range(0, 50).Select(number => TestRouter.Instance($"{number}")).ToList();
        var router = Router().Show(instances);
        _open.UnionWith(instances.Where(instance => instance.Id != "17").Select(instance => $"service@{instance.Id}"));
        Assert.Equal(["17"], Ids(router, policy));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pick_WhereAllBreakersAreOpen_TakesWhatItWouldHaveAnyway(LoadBalancing policy)
    {
        var router = Router().Show("abc");
        _open.UnionWith(["service@a", "service@b", "service@c"]);
        Assert.Equal(["a", "b", "c"], Ids(router, policy));
        Assert.Equal(new TestRouter().Show("abc").Pick(policy, "key"), Router().Show("abc").Pick(policy, "key"));
    }

    [Fact]
    public void Pick_WhereAllBreakersOfTheZoneAreOpen_LeavesTheZone()
    {
        _options.Zone = "here";
        var router = Router().Show("abcdef".Select(id => TestRouter.Instance($"{id}", zone: id < 'd' ? "here" : "there")));
        _open.UnionWith(["service@a", "service@b", "service@c"]);
        Assert.Equal(["d", "e", "f"], Ids(router, LoadBalancing.PowerOfTwoChoices));
    }

    [Fact]
    public void Pick_WhereMostBreakersInARowAreOpen_DoesNotBurdenTheNext()
    {
        // Of 40, the last 4 are closed. Without chance the first of them would get all calls of the 36.
        var instances = Enumerable.Range(0, 40).Select(number => TestRouter.Instance($"{number:00}")).ToList();
        var router = Router().Show(instances);
        _open.UnionWith(instances.Take(18).Concat(instances.Skip(20).Take(18)).Select(instance => $"service@{instance.Id}"));
        var shares = router.Shares(LoadBalancing.Random, picks: 20_000);
        Assert.Equal(["18", "19", "38", "39"], shares.Keys.Order());
        Assert.InRange(shares["18"] / shares["38"], 0.9, 1.1);
    }

    [Fact]
    public void Pick_WithAKeyWhoseBreakerIsOpen_GoesWhereItWouldWithoutThatInstance()
    {
        var router = Router().Show("abcdef");
        var without = new TestRouter().Show("abdef");
        _open.Add("service@c");
        Assert.All(
            Enumerable.Range(0, 1000),
            key => Assert.Equal(without.Pick(LoadBalancing.RendezvousHash, $"{key}"), router.Pick(LoadBalancing.RendezvousHash, $"{key}")));
    }

    [Fact]
    public void Breaker_OfAnInstance_IsNamedOnceAndMayBeMissing()
    {
        var named = "";
        _options.BreakerOf = (_, instance) =>
        {
            named += instance.Id;
            return instance.Id == "a" ? null : instance.Id;
        };
        _open.Add("b");
        var router = Router().Show("ab").Show("ab");
        Assert.Equal(["a"], Ids(router, LoadBalancing.Random));
        Assert.Equal("ab", named);
    }

    [Fact]
    public void Breakers_WhereNobodyTellsWhetherTheyAreOpen_AreNotNamed()
    {
        _options.BreakerOf = (_, _) => throw new InvalidOperationException("Named.");
        Assert.Equal("ab", new TestRouter(_options).Show("ab").InTurn(2));
    }

    [Fact]
    public void Show_WhereABreakerCannotBeNamed_LeavesTheListAsItWas()
    {
        _options.BreakerOf = (_, instance) => instance.Id == "c" ? throw new InvalidOperationException("No name.") : instance.Id;
        var router = Router().Show("ab");
        Assert.Throws<InvalidOperationException>(() => router.Show(TestRouter.Instance("a") with { Version = "2" }, TestRouter.Instance("c")));
        Assert.Equal("abab", router.InTurn(4));
        Assert.Null(router.Routed("a").Instance.Version);
    }

    private static IEnumerable<string> Ids(TestRouter router, LoadBalancing policy) =>
        Enumerable.Range(0, 500).Select(key => router.Pick(policy, $"{key}")!).Distinct().Order();

    private TestRouter Router() => new(_options, _open.Contains);
}
