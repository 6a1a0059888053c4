using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>With the default lease: Down after 15 seconds, removed after 60.</summary>
public sealed class ServiceLeasesTests
{
    private readonly ServiceLeases _leases = new();

    [Theory]
    [InlineData(14.999, "Up")]
    [InlineData(15, "Down")]
    [InlineData(59.999, "Down")]
    [InlineData(60, "gone")]
    public void Silence_HasItsConsequencesExactly(double seconds, string expected)
    {
        var record = _leases.Expire(Add(new ServiceRecord(), "a"), Seconds(seconds));
        Assert.Equal(expected, record.Find("a")?.Listed.Status.ToString() ?? "gone");
    }

    [Fact]
    public void Lease_OfAnInstanceOfItsOwn_IsWhatCounts()
    {
        var record = ServiceRules.Register(Add(new ServiceRecord(), "b"), Full("a"), Epoch);
        Assert.Equal(Seconds(7), _leases.NextEnd(record));
        record = _leases.Expire(record, Seconds(8));
        Assert.Equal((StatusSource.Lease, StatusSource.Instance), (Listed(record, "a").Source, Listed(record, "b").Source));
        Assert.Equal(Seconds(9), _leases.NextEnd(record));
        Assert.Null(_leases.Expire(record, Seconds(9)).Find("a"));
    }

    [Fact]
    public void Heartbeat_BeginsTheLeaseAnew_AndBringsBackWhoWasSilent()
    {
        var record = Add(new ServiceRecord(), "a");
        _leases.Hear("a", Seconds(14));
        Assert.Same(record, _leases.Expire(record, Seconds(28.999)));
        record = _leases.Expire(record, Seconds(29));
        Assert.True(record.Find("a")!.IsLapsed);
        _leases.Hear("a", Seconds(70));
        record = ServiceRules.Hear(record, "a");
        Assert.Same(record, _leases.Expire(record, Seconds(84.999)));
        Assert.Equal((InstanceStatus.Up, 3), (Listed(record, "a").Status, record.Version));
    }

    [Fact]
    public void NextEnd_OfAnEmptyList_IsNever() => Assert.Equal(TimeSpan.MaxValue, _leases.NextEnd(new ServiceRecord()));

    /// <summary>More than 15 % of those held, and at least three.</summary>
    [Theory]
    [InlineData(2, 2, false)]
    [InlineData(3, 3, true)]
    [InlineData(20, 3, false)]
    [InlineData(19, 3, true)]
    [InlineData(100, 15, false)]
    [InlineData(100, 16, true)]
    public void ManyThatFallSilentTogether_AreNotRemoved(int listed, int silent, bool isProtected)
    {
        var record = Live(Add(new ServiceRecord(), Names(listed)), listed - silent, until: Seconds(61));
        Assert.Equal(isProtected, record.IsProtected);
        Assert.Equal(isProtected ? listed : listed - silent, record.Instances.Length);
        Assert.Equal(listed - silent, record.Instances.Count(leased => leased.Listed.IsAvailable));
    }

    [Fact]
    public void ManyThatFallSilentOneAfterTheOther_AreRemoved()
    {
        var record = Add(new ServiceRecord(), Names(10));
        var removed = new List<string>();
        for (var second = 0.0; second < 250; second += 0.5)
        {
            // One in twenty seconds: at no time three within a lease of fifteen.
            foreach (var (number, id) in Names(10).Index().Where(known => second <= known.Index * 20))
            {
                _leases.Hear(id, Seconds(second));
            }

            record = _leases.Expire(record, Seconds(second));
            Assert.False(record.IsProtected);
        }

        Assert.Empty(record.Instances);
    }

    [Fact]
    public void Protection_EndsWhenEnoughAreBack_AndThenTheRestIsRemoved()
    {
        var record = Live(Add(new ServiceRecord(), Names(20)), 10, until: Seconds(100));
        Assert.True(record.IsProtected);
        record = Live(record, 16, from: Seconds(100), until: Seconds(102));
        Assert.True(record.IsProtected);
        record = Live(record, 18, from: Seconds(102), until: Seconds(103));
        Assert.False(record.IsProtected);
        Assert.Equal(Names(18), record.Instances.Select(leased => leased.Id));
    }

    [Fact]
    public void Protection_EndsAfterTenMinutes()
    {
        var record = Live(Add(new ServiceRecord(), Names(20)), 10, until: Seconds(614));
        Assert.Equal((true, 20), (record.IsProtected, record.Instances.Length));
        Assert.Equal(Seconds(615), _leases.NextEnd(record with { Instances = record.Instances.RemoveAll(leased => !leased.IsLapsed) }));
        record = Live(record, 10, from: Seconds(614), until: Seconds(616));
        Assert.Equal((false, 10), (record.IsProtected, record.Instances.Length));
    }

    [Fact]
    public void InstancesThatSaidThatTheyWouldGo_AreNoLoss()
    {
        var record = Names(6).Aggregate(new ServiceRecord(), (list, id) =>
            ServiceRules.Register(list, Instance(id) with { Status = id == "i000" ? InstanceStatus.Up : InstanceStatus.Draining }, Epoch));
        record = Live(record, 1, until: Seconds(61));
        Assert.Equal((false, 1), (record.IsProtected, record.Instances.Length));
    }

    /// <summary>Heartbeats are spread, so leases end one after the other, and with them, where the two are the same, the stay in the list.</summary>
    [Fact]
    public void MassLoss_OfThoseWhoAreRemovedAtTheirLease_IsSeenAllTheSame()
    {
        var record = Names(20).Aggregate(new ServiceRecord(), (list, id) =>
            ServiceRules.Register(list, Instance(id) with { Lease = Seconds(15), RemoveAfter = Seconds(15) }, Epoch));
        foreach (var (number, id) in Names(20).Index())
        {
            _leases.Hear(id, Seconds(number * 0.25));
        }

        for (var now = Seconds(15); now < Seconds(60); now += Seconds(0.25))
        {
            record = _leases.Expire(record, now);
        }

        Assert.Equal((true, 17), (record.IsProtected, record.Instances.Length));
    }

    /// <summary>A new activation knows nobody's last heartbeat.</summary>
    [Fact]
    public void NewActivation_GivesEverybodyAWholeLease_AndKeepsTheProtection()
    {
        var record = Live(Add(new ServiceRecord(), Names(20)), 10, until: Seconds(100));
        var next = new ServiceLeases();
        Assert.Same(record, next.Expire(record, Seconds(14.9)));
        Assert.Equal(20, next.Expire(record, Seconds(61)).Instances.Length);
        foreach (var id in Names(10))
        {
            next.Hear(id, Seconds(599));
        }

        var (before, after) = (next.Expire(record, Seconds(599.9)), next.Expire(record, Seconds(600)));
        Assert.Equal((20, 10), (before.Instances.Length, after.Instances.Length));
    }

    /// <summary>The first so many beat every half second, the others do not.</summary>
    private ServiceRecord Live(ServiceRecord record, int living, TimeSpan until, TimeSpan from = default)
    {
        for (var now = from; now <= until; now += Seconds(0.5))
        {
            foreach (var id in Names(living))
            {
                _leases.Hear(id, now);
                record = ServiceRules.Hear(record, id);
            }

            record = _leases.Expire(record, now);
        }

        return record;
    }
}
