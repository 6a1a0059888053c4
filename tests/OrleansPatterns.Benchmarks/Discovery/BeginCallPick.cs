using BenchmarkDotNet.Attributes;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>A pick for a call whose end is told.</summary>
public class BeginCallPick
{
    private readonly IServiceRegistry _registry = Picks.Registry!;

    [Benchmark]
    public ServiceInstance Pick()
    {
        var picking = _registry.BeginCallAsync(Picks.Service);
        var call = picking.IsCompletedSuccessfully ? picking.Result : throw new InvalidOperationException("The list is not known.");
        call.End(succeeded: true);
        return call.Instance;
    }
}
