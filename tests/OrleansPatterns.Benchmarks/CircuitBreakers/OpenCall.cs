using BenchmarkDotNet.Attributes;
using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>A call refused by the cluster breaker while it is open.</summary>
public class OpenCall
{
    private readonly ICircuitBreaker _breaker = BreakerCalls.Open!;

    [Benchmark]
    public async Task<bool> CallAsync()
    {
        try
        {
            await _breaker.ExecuteAsync(BreakerCalls.CallAsync, CancellationToken.None);
            return false;
        }
        catch (BrokenCircuitException)
        {
            return true;
        }
    }
}
