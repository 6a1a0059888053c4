using BenchmarkDotNet.Attributes;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>A pick alone.</summary>
public class ResolvePick
{
    private readonly IServiceRegistry _registry = Picks.Registry!;

    [Benchmark]
    public ServiceInstance Pick()
    {
        var picking = _registry.ResolveAsync(Picks.Service);
        return picking.IsCompletedSuccessfully ? picking.Result : throw new InvalidOperationException("The list is not known.");
    }
}
