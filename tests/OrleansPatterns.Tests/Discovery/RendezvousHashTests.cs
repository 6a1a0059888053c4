using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class RendezvousHashTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 20_000).Select(number => $"customer-{number}")];

    /// <summary>The values of this and the next test were computed apart, by a program in another language.</summary>
    [Theory]
    [InlineData("", 0xF52A15E9A9B5E89B)]
    [InlineData("a", 0x02C0BDBF481420F8)]
    [InlineData("customer-4711", 0x118A1AF9EB0AF3BD)]
    public void Hash_OfAText_IsTheSameInEveryProcessAndRelease(string text, ulong expected) => Assert.Equal(expected, RendezvousHash.Of(text));

    [Fact]
    public void Pick_OfSomeKeys_IsTheSameInEveryProcessAndRelease()
    {
        var router = new TestRouter().Show("abcdefgh".Select((id, index) => TestRouter.Instance($"{id}", weight: 1 + index)));
        Assert.Equal("dggdhfahegedgghhgfhc", string.Concat(Keys.Take(20).Select(key => router.Pick(LoadBalancing.RendezvousHash, key))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Pick_WhenAnInstanceLeaves_MovesOnlyItsKeys(double weightStep)
    {
        var instances = "abcdefgh".Select((id, index) => TestRouter.Instance($"{id}", 1 + (weightStep * index))).ToList();
        var router = new TestRouter().Show(instances);
        var before = Places(router);
        var after = Places(router.Show(instances.Where(instance => instance.Id != "c")));
        Assert.All(Keys, key => Assert.True(before[key] == "c" ? after[key] != "c" : after[key] == before[key]));

        // Those of the one that left are spread over the others, in proportion to their weights.
        var moved = Keys.Where(key => before[key] == "c").CountBy(key => after[key]).ToDictionary();
        Assert.Equal("abdefgh", string.Concat(moved.Keys.Order()));
        Assert.Equal(before, Places(router.Show(instances)));
    }

    [Fact]
    public void Pick_WhenAWeightGrows_MovesKeysOnlyThere()
    {
        var router = new TestRouter().Show("abcd");
        var before = Places(router);
        var after = Places(router.Show("abcd".Select(id => TestRouter.Instance($"{id}", weight: id == 'b' ? 3 : 1))));
        Assert.All(Keys, key => Assert.True(after[key] == before[key] || after[key] == "b"));
        Assert.InRange(after.Values.Count(id => id == "b") / (double)Keys.Length, 0.48, 0.52);
    }

    [Fact]
    public void Pick_ByWeight_GivesEachItsShareOfTheKeys()
    {
        double[] weights = [0.5, 1, 2, 4, 8];
        var places = Places(new TestRouter().Show(weights.Select((weight, index) => TestRouter.Instance($"{index}", weight)))).Values.CountBy(id => id);
        foreach (var (id, count) in places)
        {
            var expected = Keys.Length * weights[id[0] - '0'] / weights.Sum();
            Assert.InRange(count, expected - (4 * Math.Sqrt(expected)), expected + (4 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void Pick_FromTheSameInstancesInAnyOrder_IsTheSame() =>
        Assert.Equal(Places(new TestRouter().Show("abcdefgh")), Places(new TestRouter().Show("hgfdecba")));

    [Fact]
    public void Pick_InAZone_GoesByTheKeyAlone()
    {
        static IEnumerable<ServiceInstance> InZones(string zone) => "abcdefgh".Select(id => TestRouter.Instance($"{id}", zone: id < 'e' ? zone : "other"));
        var here = new TestRouter(new DiscoveryOptions { Zone = "here" }).Show(InZones("here"));
        Assert.Equal(Places(new TestRouter().Show("abcdefgh")), Places(here));
    }

    [Fact]
    public void Pick_WithoutAKey_IsAtRandom()
    {
        var shares = new TestRouter().Show("abc".Select((id, index) => TestRouter.Instance($"{id}", weight: index))).Shares(LoadBalancing.RendezvousHash);
        Assert.All(shares.Values, share => Assert.InRange(share, 0.32, 0.35));
        Assert.Equal(3, shares.Count);
    }

    private static Dictionary<string, string> Places(TestRouter router) =>
        Keys.ToDictionary(key => key, key => router.Pick(LoadBalancing.RendezvousHash, key)!);
}
