using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>The list as the library offers it to code, and one of it round robin; its own picking serves HttpClient only.</summary>
public class MicrosoftPick
{
    private const string Name = $"http://{Picks.Service}";

    private readonly ServiceEndpointResolver _resolver = Picks.Resolver!;
    private uint _next;

    [Benchmark]
    public ServiceEndpoint Pick()
    {
        var listing = _resolver.GetEndpointsAsync(Name, CancellationToken.None);
        var endpoints = (listing.IsCompletedSuccessfully ? listing.Result : listing.AsTask().GetAwaiter().GetResult()).Endpoints;
        return endpoints[(int)(_next++ % (uint)endpoints.Count)];
    }
}
