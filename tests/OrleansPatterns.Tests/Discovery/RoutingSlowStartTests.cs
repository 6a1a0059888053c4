using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A new instance gets its share bit by bit.</summary>
public sealed class RoutingSlowStartTests
{
    private readonly TestRouter _router = new(new DiscoveryOptions { SlowStart = TimeSpan.FromSeconds(100) });

    /// <summary>Of 10 instances one is new; picks of it count with the chance p, and three more are made: the sum is that of the four.</summary>
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(10, 0.1)]
    [InlineData(50, 0.5)]
    [InlineData(99.9, 1)]
    [InlineData(100, 1)]
    [InlineData(1000, 1)]
    public void NewInstance_OfAnAge_GetsThisPartOfItsShare(double seconds, double chance)
    {
        _router.Show("abcdefghi").Show("abcdefghij");
        _router.Time.Advance(TimeSpan.FromSeconds(seconds));
        var refused = (1 - chance) / 10;
        var expected = (chance / 10 * (1 + refused + (refused * refused))) + (Math.Pow(refused, 3) / 10);
        foreach (var policy in new[] { LoadBalancing.Random, LoadBalancing.PowerOfTwoChoices, LoadBalancing.Weighted })
        {
            Assert.InRange(_router.Shares(policy, picks: 100_000)["j"] / expected, 0.93, 1.07);
        }
    }

    [Fact]
    public void NewInstance_ByRoundRobinAndHash_GetsItsShareAtOnce()
    {
        _router.Show("abc").Show("abcd");
        Assert.Equal("abcdabcd", _router.InTurn(8));
        var old = new TestRouter().Show("abcd");
        Assert.All(
            Enumerable.Range(0, 1000),
            key => Assert.Equal(old.Pick(LoadBalancing.RendezvousHash, $"{key}"), _router.Pick(LoadBalancing.RendezvousHash, $"{key}")));
    }

    [Fact]
    public void Instances_OfTheFirstList_AreNotNew()
    {
        _router.Show("ab").Show(TestRouter.Instance("a"), TestRouter.Instance("b") with { Version = "2" });
        Assert.InRange(_router.Shares(LoadBalancing.Random)["b"], 0.49, 0.51);
    }

    [Fact]
    public void Instance_AtAnotherEndpoint_IsNew()
    {
        _router.Show("ab").Show(TestRouter.Instance("a"), TestRouter.Instance("b") with { Endpoint = new Uri("http://127.0.0.1:8081") });
        Assert.InRange(_router.Shares(LoadBalancing.Random)["b"], 0.1, 0.15);
    }

    [Fact]
    public void Instance_ThatIsAvailableAgain_IsNotNew()
    {
        _router.Show("ab").Show(TestRouter.Instance("a"), TestRouter.Instance("b") with { Status = InstanceStatus.Down }).Show("ab");
        Assert.InRange(_router.Shares(LoadBalancing.Random)["b"], 0.49, 0.51);
    }

    [Fact]
    public void Instances_ThatAreAllNew_AreCalledAlike()
    {
        var shares = _router.Show("").Show("abc").Shares(LoadBalancing.Random);
        Assert.All(shares.Values, share => Assert.InRange(share, 0.32, 0.35));
    }

    [Fact]
    public void Pick_WithNobodyEjectedOrNew_DoesNotLookAtTheClock()
    {
        var time = new CountingTime();
        var router = new ServiceRouter("service", new DiscoveryOptions { SlowStart = TimeSpan.FromSeconds(100) }, time, new Random(1), isBreakerOpen: null);
        router.Show(new ServiceSnapshot { Instances = [TestRouter.Instance("a")] });
        Assert.Equal(0, time.ReadingsOf(() => router.Pick(null, null, null)));

        router.Show(new ServiceSnapshot { Instances = [TestRouter.Instance("a"), TestRouter.Instance("b")] });
        Assert.NotEqual(0, time.ReadingsOf(() => router.Pick(null, null, null)));

        time.Advance(TimeSpan.FromSeconds(100));
        router.Pick(null, null, null);
        Assert.Equal(0, time.ReadingsOf(() => router.Pick(null, null, null)));
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _readings;

        public override long GetTimestamp()
        {
            _readings++;
            return base.GetTimestamp();
        }

        public int ReadingsOf(Action action)
        {
            _readings = 0;
            action();
            return _readings;
        }
    }
}
