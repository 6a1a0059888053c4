using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>A router whose clock only the test moves and whose chance is the same in each run.</summary>
internal sealed class TestRouter
{
    public TestRouter(DiscoveryOptions? options = null, Func<string, bool>? isBreakerOpen = null, Random? random = null) =>
        Router = new ServiceRouter("service", options ?? new DiscoveryOptions(), Time, random ?? new Random(1), isBreakerOpen);

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch);

    public ServiceRouter Router { get; }

    public static ServiceInstance Instance(string id, double weight = 1, string? zone = null) =>
        new() { Id = id, Endpoint = new Uri("http://127.0.0.1:8080"), Weight = weight, Zone = zone };

    /// <summary>Instances of weight 1, one for each character.</summary>
    public TestRouter Show(string ids) => Show(ids.Select(id => Instance($"{id}")));

    public TestRouter Show(params IEnumerable<ServiceInstance> instances)
    {
        Router.Show(new ServiceSnapshot { Instances = [.. instances] });
        return this;
    }

    public string? Pick(LoadBalancing policy, string? key = null, Func<ServiceInstance, bool>? filter = null) =>
        Router.Pick(filter, policy, key)?.Instance.Id;

    /// <summary>The ids of as many picks, one after the other.</summary>
    public string InTurn(int picks, Func<ServiceInstance, bool>? filter = null) =>
        string.Concat(Enumerable.Range(0, picks).Select(_ => Pick(LoadBalancing.RoundRobin, filter: filter)));

    /// <summary>Which share of the picks each instance gets.</summary>
    public Dictionary<string, double> Shares(LoadBalancing policy, int picks = 60_000, Func<ServiceInstance, bool>? filter = null) =>
        Enumerable.Range(0, picks).CountBy(_ => Pick(policy, filter: filter)!).ToDictionary(count => count.Key, count => (double)count.Value / picks);

    /// <summary>The instance of that id, which must be one that is called now.</summary>
    public RoutedInstance Routed(string id) => Router.Pick(instance => instance.Id == id, LoadBalancing.RoundRobin, key: null)!;

    /// <summary>Ends as many calls with an error.</summary>
    public void Fail(string id, int times = 5)
    {
        var routed = Routed(id);
        for (var call = 0; call < times; call++)
        {
            routed.Begin();
            routed.End(succeeded: false);
        }
    }
}
