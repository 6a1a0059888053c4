using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>When a router ejects an instance that fails, and when it returns.</summary>
public sealed class RoutingEjectionTests
{
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Once = TimeSpan.FromSeconds(30);

    private readonly TestRouter _router = new(random: new NoJitter());

    [Fact]
    public void Instance_AfterErrorsInARow_IsPassedOverUntilItsTimeIsOver()
    {
        _router.Show("abc").Fail("b", 4);
        Assert.Equal("abc", Set());
        _router.Fail("b", 1);
        Assert.Equal("ac", Set());

        _router.Time.Advance(Once - Instant);
        Assert.Equal("ac", Set());
        _router.Time.Advance(Instant);
        Assert.Equal("abc", Set());
    }

    [Fact]
    public void End_WithASuccess_BeginsTheRowAnew()
    {
        var routed = _router.Show("ab").Routed("a");
        _router.Fail("a", 4);
        routed.Begin();
        routed.End(succeeded: true);
        _router.Fail("a", 4);
        Assert.Equal("ab", Set());
    }

    [Fact]
    public void End_ThatSaysNothing_LeavesTheRowAsItIs()
    {
        var routed = _router.Show("ab").Routed("a");
        _router.Fail("a", 4);
        routed.Begin();
        routed.End(succeeded: null);
        Assert.Equal("ab", Set());
        _router.Fail("a", 1);
        Assert.Equal("b", Set());
    }

    [Fact]
    public void Errors_OfCallsThatBeganBeforeTheEjection_DoNotCountAfterIt()
    {
        var routed = _router.Show("ab").Routed("a");
        _router.Fail("a");
        for (var call = 0; call < 4; call++)
        {
            routed.End(succeeded: false);
        }

        _router.Time.Advance(Once);
        _router.Fail("a", 4);
        Assert.Equal("ab", Set());
    }

    [Fact]
    public void Ejection_TheNextTimes_LastsLongerUpToTheLongest()
    {
        _router.Show("ab");
        foreach (var seconds in new[] { 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300 })
        {
            _router.Fail("a");
            _router.Time.Advance(TimeSpan.FromSeconds(seconds) - Instant);
            Assert.Equal("b", Set());
            _router.Time.Advance(Instant);
            Assert.Equal("ab", Set());
        }
    }

    [Fact]
    public void Instance_ThatIsTheOnlyOne_IsNeverEjected()
    {
        var router = new TestRouter(new DiscoveryOptions { PanicThreshold = 0, MaxEjectedShare = 1 })
            .Show(TestRouter.Instance("a"), TestRouter.Instance("b") with { Status = InstanceStatus.Draining });
        router.Fail("a");
        Assert.Equal("a", router.Pick(LoadBalancing.Random));
        Assert.False(router.Routed("a").IsEjected);
    }

    [Fact]
    public void Instance_WhileTheShareIsEjected_IsEjectedWithLaterErrors()
    {
        _router.Show("abc").Fail("a");
        _router.Fail("b", 9);
        Assert.Equal("bc", Set());
        _router.Time.Advance(Once);
        _router.Fail("b", 1);
        Assert.Equal("ac", Set());
    }

    [Fact]
    public void Instance_AfterAnotherEjectionWhoseEndNobodyHasSeen_IsEjected()
    {
        var routed = _router.Show("abc").Routed("b");
        _router.Fail("a");
        _router.Time.Advance(Once);
        for (var call = 0; call < 5; call++)
        {
            routed.End(succeeded: false);
        }

        Assert.Equal("ac", Set());
    }

    [Theory]
    [InlineData(InstanceStatus.Draining)]
    [InlineData(null)]
    public void Errors_OfAnInstanceThatIsNoLongerCalled_DoNotEjectIt(InstanceStatus? status)
    {
        var routed = _router.Show("abc").Routed("c");
        List<ServiceInstance> instances = [TestRouter.Instance("a"), TestRouter.Instance("b")];
        _router.Show(status is { } told ? [.. instances, TestRouter.Instance("c") with { Status = told }] : instances);
        for (var call = 0; call < 5; call++)
        {
            routed.End(succeeded: false);
        }

        Assert.False(routed.IsEjected);
        Assert.Equal("abc", string.Concat(_router.Show("abc").InTurn(9).Distinct().Order()));
    }

    [Fact]
    public void Show_WithTooFewLeftForTheEjected_ReturnsTheOneWhoseTimeEndsSoonest()
    {
        var router = new TestRouter(new DiscoveryOptions { MaxEjectedShare = 0.5, PanicThreshold = 0 }, random: new NoJitter()).Show("abcd");
        router.Fail("b");
        router.Time.Advance(Instant);
        router.Fail("a");
        Assert.Equal("cd", string.Concat(router.InTurn(8).Distinct().Order()));
        Assert.Equal("bc", string.Concat(router.Show("abc").InTurn(8).Distinct().Order()));
        Assert.Equal("a", string.Concat(router.Show("a").InTurn(8).Distinct()));
    }

    [Fact]
    public void Show_WhereTheListStillHasIt_LeavesTheInstanceEjected()
    {
        _router.Show("abc").Fail("b");
        _router.Show("abcd");
        Assert.Equal("acd", Set());
    }

    [Fact]
    public void EjectedInstances_BelowTheThreshold_AreCalledInAPanic()
    {
        var router = new TestRouter(new DiscoveryOptions { MaxEjectedShare = 1 }, random: new NoJitter()).Show("abc");
        router.Fail("a");
        Assert.False(router.Router.IsPanicking);
        router.Fail("b");
        Assert.True(router.Router.IsPanicking);
        Assert.Equal("abc", string.Concat(router.InTurn(3).Order()));
    }

    [Fact]
    public void Errors_WithEjectionSwitchedOff_EjectNobody()
    {
        var router = new TestRouter(new DiscoveryOptions { EjectAfterErrors = null }).Show("ab");
        router.Fail("a", 1000);
        Assert.Equal("ab", string.Concat(router.InTurn(4).Distinct().Order()));
    }

    private string Set() => string.Concat(_router.InTurn(12).Distinct().Order());

    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
