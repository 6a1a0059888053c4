using BenchmarkDotNet.Attributes;
using Polly;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>A call through Polly while it is closed.</summary>
public class PollyClosedCall
{
    private readonly ResiliencePipeline _breaker = BreakerCalls.PollyClosed!;

    [Benchmark]
    public Task<int> CallAsync() => _breaker.ExecuteAsync(static token => new ValueTask<int>(BreakerCalls.CallAsync(token)), CancellationToken.None).AsTask();
}
