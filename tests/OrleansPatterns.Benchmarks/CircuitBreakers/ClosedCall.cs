using BenchmarkDotNet.Attributes;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>A call through the cluster breaker while it is closed.</summary>
public class ClosedCall
{
    private readonly ICircuitBreaker _breaker = BreakerCalls.Closed!;

    [Benchmark]
    public Task<int> CallAsync() => _breaker.ExecuteAsync(BreakerCalls.CallAsync, CancellationToken.None);
}
