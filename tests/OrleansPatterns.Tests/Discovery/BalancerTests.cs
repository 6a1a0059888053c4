using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class BalancerTests
{
    private static readonly ImmutableArray<ServiceInstance> Instances =
        [.. Enumerable.Range(0, 4).Select(number => new ServiceInstance { Id = $"{number}", Endpoint = new Uri("http://127.0.0.1:8080") })];

    private readonly Balancer _balancer = new(new Random(1));

    [Fact]
    public void Pick_RoundRobin_IsEvenAndInOrder() =>
        Assert.Equal("01230123", string.Concat(Enumerable.Range(0, 8).Select(_ => Pick(LoadBalancing.RoundRobin))));

    [Fact]
    public void Pick_RoundRobinWithAFilter_IsEvenAmongThoseThatPass() =>
        Assert.Equal("131313", string.Concat(Enumerable.Range(0, 6).Select(_ => Pick(LoadBalancing.RoundRobin, instance => instance.Id is "1" or "3"))));

    [Fact]
    public void Pick_Random_ReachesAllAboutEquallyOften()
    {
        var counts = Enumerable.Range(0, 4000).GroupBy(_ => Pick(LoadBalancing.Random)).ToDictionary(group => group.Key!, group => group.Count());
        Assert.Equal(4, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 900, 1100));
    }

    [Fact]
    public void Pick_WhereNonePasses_IsNull() => Assert.Null(Pick(LoadBalancing.RoundRobin, _ => false));

    [Fact]
    public void Pick_WithoutAPolicy_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => Pick(LoadBalancing.None));

    private string? Pick(LoadBalancing policy, Func<ServiceInstance, bool>? filter = null) => _balancer.Pick(Instances, filter, policy)?.Id;
}
