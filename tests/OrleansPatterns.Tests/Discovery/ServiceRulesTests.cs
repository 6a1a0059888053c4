using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceRulesTests
{
    private static readonly Guid Epoch = Guid.NewGuid();
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly Dictionary<string, TimeSpan> Unheard = [];

    [Fact]
    public void Register_KeepsOrderOfIdsAndCountsVersions()
    {
        var record = Add(Add(Add(new ServiceRecord(), "b"), "c"), "a");
        Assert.Equal(["a", "b", "c"], record.Instances.Select(leased => leased.Instance.Id));
        Assert.Equal((Epoch, 3), (record.Epoch, record.Version));
    }

    [Fact]
    public void Register_SameContentAgain_ChangesNothing()
    {
        var record = Add(new ServiceRecord(), "a");
        var again = Instance("a") with { Metadata = new Dictionary<string, string> { ["k"] = "v" } };
        var changed = ServiceRules.Register(record, again, Lease, Epoch);
        Assert.Same(record, Add(record, "a"));
        Assert.Equal(2, changed.Version);
        Assert.Same(changed, ServiceRules.Register(changed, again with { Metadata = new Dictionary<string, string> { ["k"] = "v" } }, Lease, Epoch));
    }

    [Fact]
    public void Deregister_Unknown_ChangesNothing()
    {
        var record = Add(new ServiceRecord(), "a");
        Assert.Same(record, ServiceRules.Deregister(record, "b"));
        Assert.Empty(ServiceRules.Deregister(record, "a").Instances);
    }

    [Theory]
    [InlineData(14.999, true)]
    [InlineData(15, false)]
    public void Expire_UnheardSinceTheActivation_LeavesExactlyAtTheLease(double seconds, bool stays) =>
        Assert.Equal(stays, ServiceRules.Contains(ServiceRules.Expire(Add(new ServiceRecord(), "a"), Unheard, TimeSpan.FromSeconds(seconds)), "a"));

    [Fact]
    public void Expire_OneHeardLater_TakesTheOtherOnly()
    {
        var record = Add(Add(new ServiceRecord(), "a"), "b");
        var heardAt = new Dictionary<string, TimeSpan> { ["b"] = TimeSpan.FromSeconds(10) };
        var left = ServiceRules.Expire(record, heardAt, TimeSpan.FromSeconds(20));
        Assert.Equal("b", Assert.Single(left.Instances).Instance.Id);
        Assert.Equal(TimeSpan.FromSeconds(5), ServiceRules.UntilNextEnd(left, heardAt, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void UntilNextEnd_OfAnEndThatHasPassed_IsZeroAndNotInfinite()
    {
        Assert.Equal(TimeSpan.Zero, ServiceRules.UntilNextEnd(Add(new ServiceRecord(), "a"), Unheard, Lease + TimeSpan.FromMilliseconds(1)));
        Assert.Equal(Timeout.InfiniteTimeSpan, ServiceRules.UntilNextEnd(new ServiceRecord(), Unheard, Lease));
    }

    private static ServiceInstance Instance(string id) => new() { Id = id, Endpoint = new Uri("http://127.0.0.1:8080") };

    private static ServiceRecord Add(ServiceRecord record, string id) => ServiceRules.Register(record, Instance(id), Lease, Epoch);
}
