using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Each policy but the hash, by itself.</summary>
public sealed class LoadBalancingTests
{
    [Fact]
    public void RoundRobin_IsEvenAndInOrder() => Assert.Equal("abcdabcd", new TestRouter().Show("abcd").InTurn(8));

    [Fact]
    public void RoundRobin_WithAFilter_IsEvenAndInOrderAmongThoseThatPass() =>
        Assert.Equal("bdbdbd", new TestRouter().Show("abcd").InTurn(6, instance => instance.Id is "b" or "d"));

    [Theory]
    [InlineData(LoadBalancing.Random)]
    [InlineData(LoadBalancing.PowerOfTwoChoices)]
    [InlineData(LoadBalancing.Weighted)]
    [InlineData(LoadBalancing.RendezvousHash)]
    public void Pick_AmongEquals_IsEven(LoadBalancing policy) => AssertShares(new TestRouter().Show("abcde").Shares(policy), 1, 1, 1, 1, 1);

    [Fact]
    public void PowerOfTwoChoices_OfTwo_TakesTheOneWithFewerCallsUnderWay()
    {
        var router = new TestRouter().Show("ab");
        router.Routed("b").Begin();
        AssertShares(router.Shares(LoadBalancing.PowerOfTwoChoices), 1);
        router.Routed("a").Begin();
        AssertShares(router.Shares(LoadBalancing.PowerOfTwoChoices), 1, 1);
        router.Routed("b").End(succeeded: true);
        Assert.Equal("b", router.Pick(LoadBalancing.PowerOfTwoChoices));
    }

    [Fact]
    public void PowerOfTwoChoices_OfThree_AvoidsTheBusiestAlways()
    {
        // Two different ones are looked at, so the busiest never meets only itself, and the idlest wins two of three pairs.
        var router = new TestRouter().Show("abc");
        router.Routed("b").Begin();
        router.Routed("c").Begin();
        router.Routed("c").Begin();
        AssertShares(router.Shares(LoadBalancing.PowerOfTwoChoices), 2, 1);
    }

    [Theory]
    [InlineData(1, 0, "a")]
    [InlineData(2, 0, "a")]
    [InlineData(3, 0, "b")]
    [InlineData(5, 1, "a")]
    [InlineData(7, 1, "b")]
    public void PowerOfTwoChoices_WithWeights_ComparesCallsByWeight(int callsOfHeavy, int callsOfLight, string expected)
    {
        // A weighs 3.5 of b: 3.5 / (calls + 1) against 1 / (calls + 1).
        var router = new TestRouter().Show(TestRouter.Instance("a", weight: 3.5), TestRouter.Instance("b"));
        Begin(router.Routed("a"), callsOfHeavy);
        Begin(router.Routed("b"), callsOfLight);
        Assert.Equal([expected], router.Shares(LoadBalancing.PowerOfTwoChoices, picks: 100).Keys);
    }

    [Theory]
    [InlineData(LoadBalancing.PowerOfTwoChoices)]
    [InlineData(LoadBalancing.Weighted)]
    [InlineData(LoadBalancing.RendezvousHash)]
    public void Pick_WeightZero_IsCalledOnlyWhileAllOthersHaveItToo(LoadBalancing policy)
    {
        var router = new TestRouter().Show(TestRouter.Instance("a", weight: 0), TestRouter.Instance("b", weight: 0), TestRouter.Instance("c"));
        router.Routed("c").Begin();
        Assert.Equal(["c"], Enumerable.Range(0, 1000).Select(key => router.Pick(policy, $"{key}")!).Distinct());
        var ofThoseThatPass = Enumerable.Range(0, 1000).Select(key => router.Pick(policy, $"{key}", instance => instance.Id != "c")!);
        Assert.Equal(["a", "b"], ofThoseThatPass.Distinct().Order());
    }

    [Fact]
    public void Weighted_GoesByWeight()
    {
        var router = new TestRouter().Show(new[] { 0, 1, 0.5, 0, 2.5, 6 }.Select((weight, index) => TestRouter.Instance($"{index}", weight)));
        AssertShares(router.Shares(LoadBalancing.Weighted), 1, 0.5, 2.5, 6);
    }

    [Fact]
    public void Weighted_OfOnlyZeros_IsEven() =>
        AssertShares(new TestRouter().Show("abc".Select(id => TestRouter.Instance($"{id}", weight: 0))).Shares(LoadBalancing.Weighted), 1, 1, 1);

    [Theory]
    [InlineData(LoadBalancing.RoundRobin)]
    [InlineData(LoadBalancing.Random)]
    public void Pick_ByAPolicyWithoutWeights_IsEven(LoadBalancing policy)
    {
        var router = new TestRouter().Show("abc".Select((id, index) => TestRouter.Instance($"{id}", weight: index)));
        AssertShares(router.Shares(policy), 1, 1, 1);
    }

    private static void Begin(RoutedInstance routed, int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            routed.Begin();
        }
    }

    /// <summary>The shares in order of ids, within 3 % of the picks' expected part.</summary>
    private static void AssertShares(Dictionary<string, double> shares, params double[] expected)
    {
        Assert.Equal(expected.Length, shares.Count);
        foreach (var (share, part) in shares.OrderBy(share => share.Key).Zip(expected.Select(part => part / expected.Sum())))
        {
            Assert.InRange(share.Value / part, 0.97, 1.03);
        }
    }
}
