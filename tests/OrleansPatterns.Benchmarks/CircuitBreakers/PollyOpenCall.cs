using BenchmarkDotNet.Attributes;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>A call refused by Polly while it is open.</summary>
public class PollyOpenCall
{
    private readonly ResiliencePipeline _breaker = BreakerCalls.PollyOpen!;

    [Benchmark]
    public async Task<bool> CallAsync()
    {
        try
        {
            await _breaker.ExecuteAsync(static token => new ValueTask<int>(BreakerCalls.CallAsync(token)), CancellationToken.None);
            return false;
        }
        catch (BrokenCircuitException)
        {
            return true;
        }
    }
}
