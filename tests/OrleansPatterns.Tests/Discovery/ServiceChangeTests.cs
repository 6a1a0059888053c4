using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceChangeTests
{
    /// <summary>A watcher subscribes at any time, between two pushes too: a change must fit onto each version since the last one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Change_AppliedToAnyVersionInBetween_MakesTheList(int seed)
    {
        var random = new Random(seed);
        var record = Add(new ServiceRecord(), Names(20));
        var lists = new List<ServiceSnapshot> { ServiceRules.ToSnapshot(record) };
        for (var step = 0; step < 300; step++)
        {
            var id = $"i{random.Next(40):D3}";
            record = random.Next(5) switch
            {
                0 => ServiceRules.Register(record, Instance(id) with { Weight = random.Next(3) }, Epoch),
                1 => ServiceRules.Remove(record, id),
                2 => ServiceRules.Lapse(record, id),
                3 => ServiceRules.Protect(record, random.Next(2) == 0),
                _ => ServiceRules.Hear(record, id),
            };
            if (record.Version != lists[^1].Version)
            {
                lists.Add(ServiceRules.ToSnapshot(record));
            }
        }

        var after = lists[^1];
        for (var told = 0; told < lists.Count - 1; told += 7)
        {
            var touched = lists.Skip(told).Zip(lists.Skip(told + 1)).SelectMany(pair => ServiceChange.Touched(pair.First, pair.Second)).ToHashSet();
            var change = ServiceChange.Of(lists[told].Version, after, touched);
            foreach (var known in lists.Skip(told).SkipLast(1))
            {
                Assert.True(change.FitsOnto(known));
                var made = change.ApplyTo(known);
                Assert.Equal(after.Instances.AsEnumerable(), made.Instances);
                Assert.Equal((after.Epoch, after.Version, after.IsProtected), (made.Epoch, made.Version, made.IsProtected));
            }
        }
    }

    [Fact]
    public void Change_FitsNeitherOntoWhatIsOlderNorOntoAnotherList()
    {
        var lists = Names(4).Select((_, count) => ServiceRules.ToSnapshot(Add(new ServiceRecord(), Names(count + 1)))).ToList();
        var change = Between(lists[1], lists[2]);
        Assert.Equal([false, true, false, false], lists.Select(change.FitsOnto));
        Assert.False(change.FitsOnto(lists[1] with { Epoch = Guid.NewGuid() }));

        // The first of all fits onto a list in which nobody ever was.
        Assert.True(Between(new ServiceSnapshot(), lists[3]).FitsOnto(new ServiceSnapshot()));

        static ServiceChange Between(ServiceSnapshot before, ServiceSnapshot after) =>
            ServiceChange.Of(before.Version, after, ServiceChange.Touched(before, after).ToHashSet());
    }
}
