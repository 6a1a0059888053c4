using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>What holds for every policy, and how a router goes from list to list.</summary>
public sealed class ServiceRouterTests
{
    public static TheoryData<LoadBalancing> Policies { get; } =
        [LoadBalancing.RoundRobin, LoadBalancing.Random, LoadBalancing.PowerOfTwoChoices, LoadBalancing.Weighted, LoadBalancing.RendezvousHash];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pick_BeforeTheFirstListAndFromAnEmptyOne_IsNull(LoadBalancing policy)
    {
        var router = new TestRouter();
        Assert.Null(router.Pick(policy, "key"));
        Assert.Null(router.Show("").Pick(policy, "key"));
    }

    [Theory]
    [InlineData(LoadBalancing.None)]
    [InlineData((LoadBalancing)6)]
    public void Pick_WithoutAPolicy_NamesWhatWasGivenAndWhatMayBe(LoadBalancing policy)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new TestRouter().Pick(policy));
        Assert.StartsWith(
            "The policy must be RoundRobin, Random, PowerOfTwoChoices, Weighted or RendezvousHash.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(policy, exception.ActualValue);
    }

    [Fact]
    public void Pick_WhereThePolicyIsNotSaid_GoesByTheOptions()
    {
        var router = new TestRouter(new DiscoveryOptions { LoadBalancing = LoadBalancing.RoundRobin }).Show("abc").Router;
        Assert.Equal("abcabc", string.Concat(Enumerable.Range(0, 6).Select(_ => router.Pick(null, null, null)!.Instance.Id)));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Pick_WithAFilter_TakesOnlyWhatPasses(LoadBalancing policy)
    {
        var router = new TestRouter(new DiscoveryOptions { Zone = "z" }).Show("abcdefgh".Select(id => TestRouter.Instance($"{id}", zone: id < 'e' ? "z" : "y")));
        var keys = Enumerable.Range(0, 1000).Select(number => $"{number}");
        Assert.Equal(["b", "f"], keys.Select(key => router.Pick(policy, key, instance => instance.Id is "b" or "f")!).Distinct().Order());
        Assert.Null(router.Pick(policy, "key", _ => false));
    }

    [Fact]
    public void Pick_WithAFilter_AsksItOnceForEachInstance()
    {
        var asked = "";
        new TestRouter().Show("abc").Pick(LoadBalancing.PowerOfTwoChoices, filter: instance => (asked += instance.Id) is not null);
        Assert.Equal("abc", asked);
    }

    [Theory]
    [InlineData(LoadBalancing.RoundRobin, false)]
    [InlineData(LoadBalancing.Random, false)]
    [InlineData(LoadBalancing.PowerOfTwoChoices, false)]
    [InlineData(LoadBalancing.Weighted, false)]
    [InlineData(LoadBalancing.RendezvousHash, false)]
    [InlineData(LoadBalancing.PowerOfTwoChoices, true)]
    [InlineData(LoadBalancing.RendezvousHash, true)]
    public void Pick_WithoutAFilter_AllocatesNothing(LoadBalancing policy, bool areBreakersOpen)
    {
        var options = new DiscoveryOptions { Zone = "a", SlowStart = TimeSpan.FromMinutes(1), BreakerOf = (_, instance) => instance.Id };
        var test = new TestRouter(options, breaker => areBreakersOpen && breaker != "77", Random.Shared).Show();
        var router = test.Show(Enumerable.Range(0, 100).Select(number => TestRouter.Instance($"{number}", zone: number % 2 == 0 ? "a" : "b"))).Router;
        test.Fail("5");
        router.Pick(null, policy, "key");

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var pick = 0; pick < 10_000; pick++)
        {
            router.Pick(null, policy, "key");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Show_SameIdAndEndpoint_KeepsTheInstanceAndTakesTheRest()
    {
        var router = new TestRouter().Show("ab");
        var before = router.Routed("a");
        before.Begin();
        router.Fail("a", 4);
        router.Show(TestRouter.Instance("a") with { Weight = 7, Version = "2" }, TestRouter.Instance("b"));
        Assert.Same(before, router.Routed("a"));
        Assert.Equal((1, 7, "2"), (before.UnderWay, before.Instance.Weight, before.Instance.Version));

        router.Fail("a", 1);
        Assert.Equal("bb", router.InTurn(2));
    }

    [Fact]
    public void Show_SameIdAtAnotherEndpoint_IsAnotherInstance()
    {
        var router = new TestRouter().Show("ab");
        var before = router.Routed("a");
        before.Begin();
        router.Show(TestRouter.Instance("a") with { Endpoint = new Uri("http://127.0.0.1:8081") }, TestRouter.Instance("b"));
        Assert.NotSame(before, router.Routed("a"));
        Assert.Equal((0, 8081), (router.Routed("a").UnderWay, router.Routed("a").Instance.Endpoint.Port));
    }

    [Fact]
    public void Show_InstanceThatLeaves_IsNoLongerPicked()
    {
        var router = new TestRouter().Show("abc");
        Assert.Equal("abab", router.Show("ab").InTurn(4));
    }
}
