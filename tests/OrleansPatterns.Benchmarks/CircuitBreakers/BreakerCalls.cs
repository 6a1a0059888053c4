using OrleansPatterns.CircuitBreakers;
using Polly;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>The breakers under measurement. BenchmarkDotNet makes its own instances, so they are handed over here.</summary>
public static class BreakerCalls
{
    internal static ICircuitBreaker? Closed { get; set; }

    internal static ICircuitBreaker? Open { get; set; }

    internal static ResiliencePipeline? PollyClosed { get; set; }

    internal static ResiliencePipeline? PollyOpen { get; set; }

    internal static Task<int> CallAsync(CancellationToken cancellationToken) => Answer;

    private static readonly Task<int> Answer = Task.FromResult(42);
}
