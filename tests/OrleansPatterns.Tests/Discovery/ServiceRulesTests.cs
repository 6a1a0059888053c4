using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceRulesTests
{
    private static readonly InstanceOverride OutOfOrder = new() { Status = InstanceStatus.Down, Reason = "smoke" };

    [Fact]
    public void Register_KeepsOrderOfIdsAndCountsVersions()
    {
        var record = Add(Add(Add(new ServiceRecord(), "b"), "c"), "a");
        Assert.Equal(["a", "b", "c"], record.Instances.Select(leased => leased.Id));
        Assert.Equal((Epoch, 3), (record.Epoch, record.Version));
        Assert.All(record.Instances, leased => Assert.Same(leased, record.Find(leased.Id)));
        Assert.Null(record.Find("aa"));
    }

    [Fact]
    public void Register_SameContentAgain_ChangesNothing()
    {
        var record = Add(new ServiceRecord(), "a");
        Assert.Same(record, Add(record, "a"));
        var changed = ServiceRules.Register(record, Full("a"), Epoch);
        Assert.Equal(2, changed.Version);
        Assert.Same(changed, ServiceRules.Register(changed, Full("a"), Epoch));
    }

    [Fact]
    public void Register_SaysForItselfOnly()
    {
        var record = ServiceRules.Register(new ServiceRecord(), Instance("a") with { Status = InstanceStatus.Down, StatusSource = StatusSource.Lease }, Epoch);
        Assert.Equal((InstanceStatus.Down, StatusSource.Instance), Listed(record, "a"));
    }

    [Fact]
    public void Remove_Unknown_ChangesNothing()
    {
        var record = Add(new ServiceRecord(), "a");
        Assert.Same(record, ServiceRules.Remove(record, "b"));
        Assert.Empty(ServiceRules.Remove(record, "a").Instances);
    }

    /// <summary>The operator's word beats all others; a lapsed lease and a failing check only keep from calls what would take some.</summary>
    [Theory]
    [InlineData(InstanceStatus.Up, false, false, null, InstanceStatus.Up, StatusSource.Instance)]
    [InlineData(InstanceStatus.Warning, false, false, null, InstanceStatus.Warning, StatusSource.Instance)]
    [InlineData(InstanceStatus.Up, true, false, null, InstanceStatus.Down, StatusSource.Lease)]
    [InlineData(InstanceStatus.Warning, false, true, null, InstanceStatus.Down, StatusSource.HealthCheck)]
    [InlineData(InstanceStatus.Up, true, true, null, InstanceStatus.Down, StatusSource.Lease)]
    [InlineData(InstanceStatus.Draining, true, true, null, InstanceStatus.Draining, StatusSource.Instance)]
    [InlineData(InstanceStatus.Starting, true, false, null, InstanceStatus.Starting, StatusSource.Instance)]
    [InlineData(InstanceStatus.Up, false, false, InstanceStatus.Down, InstanceStatus.Down, StatusSource.Operator)]
    [InlineData(InstanceStatus.Down, true, true, InstanceStatus.Up, InstanceStatus.Up, StatusSource.Operator)]
    public void Listed_IsWhatHolds(
        InstanceStatus own, bool isLapsed, bool isUnwell, InstanceStatus? byHand, InstanceStatus expected, StatusSource source)
    {
        var record = ServiceRules.Register(new ServiceRecord(), Instance("a") with { Status = own }, Epoch);
        record = isLapsed ? ServiceRules.Lapse(record, "a") : record;
        record = ServiceRules.Judge(record, "a", isUnwell);
        record = byHand is { } status ? ServiceRules.Override(record, "a", OutOfOrder with { Status = status }) : record;
        Assert.Equal((expected, source), Listed(record, "a"));
    }

    /// <summary>Left behind in a silo that was paused, it lands when that goes on.</summary>
    [Fact]
    public void Override_ThatComesLate_BehindAnotherDecision_ChangesNothing()
    {
        var (down, up) = (Guid.NewGuid(), Guid.NewGuid());
        var record = ServiceRules.Override(Add(new ServiceRecord(), "a"), "a", OutOfOrder, down);
        record = ServiceRules.Override(record, "a", byHand: null, up);
        Assert.Same(record, ServiceRules.Override(record, "a", OutOfOrder, down));
        Assert.Equal(InstanceStatus.Up, Listed(Add(record, "a"), "a").Status);
        Assert.Equal(InstanceStatus.Down, Listed(ServiceRules.Override(record, "a", OutOfOrder, Guid.NewGuid()), "a").Status);
    }

    [Fact]
    public void Override_HoldsWhileTheInstanceRegistersAnew_AndIsTakenBack()
    {
        var record = ServiceRules.Override(Add(new ServiceRecord(), "a"), "a", OutOfOrder);
        record = ServiceRules.Register(record, Full("a"), Epoch);
        Assert.Equal((InstanceStatus.Down, StatusSource.Operator), Listed(record, "a"));
        Assert.Equal((InstanceStatus.Up, StatusSource.Instance), Listed(ServiceRules.Override(record, "a", byHand: null), "a"));
    }

    [Fact]
    public void Version_GrowsOnlyWithWhatCallersSee()
    {
        var record = ServiceRules.Override(Add(new ServiceRecord(), "a"), "a", OutOfOrder);
        var lapsed = ServiceRules.Lapse(record, "a");
        Assert.NotSame(record, lapsed);
        Assert.Equal(record.Version, lapsed.Version);
        Assert.Equal(record.Version + 1, ServiceRules.Override(lapsed, "a", byHand: null).Version);
    }

    [Fact]
    public void Register_WithAnotherEndpoint_ForgetsWhatTheHealthCheckSaid()
    {
        var check = new InstanceHealthCheck { Kind = HealthCheckKind.Tcp };
        var record = ServiceRules.Register(new ServiceRecord(), Instance("a") with { HealthCheck = check }, Epoch);
        record = ServiceRules.Judge(record, "a", isUnwell: true);
        var tagged = ServiceRules.Register(record, Instance("a") with { HealthCheck = check, Tags = ["new"] }, Epoch);
        Assert.Equal(StatusSource.HealthCheck, Listed(tagged, "a").Source);
        var moved = ServiceRules.Register(record, Instance("a") with { HealthCheck = check, Endpoint = new Uri("http://127.0.0.1:8081") }, Epoch);
        Assert.Equal(InstanceStatus.Up, Listed(moved, "a").Status);
    }
}
