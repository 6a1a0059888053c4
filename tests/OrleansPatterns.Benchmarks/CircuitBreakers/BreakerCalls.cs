using OrleansPatterns.CircuitBreakers;
using Polly;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>The breakers under measurement. BenchmarkDotNet makes its own instances, so they are handed over here.</summary>
public static class BreakerCalls
{
    /// <summary>A dependency whose breaker stays open for long once it is open.</summary>
    internal const string OpensForLong = "open";

    /// <summary>A dependency whose breaker would open all the time, and is held by hand so that it never does.</summary>
    internal const string OnlyMeasures = "only-measures";

    private static readonly Task<int> Answer = Task.FromResult(42);

    internal static ICircuitBreaker? Closed { get; set; }

    internal static ResiliencePipeline? ClosedPipeline { get; set; }

    internal static ResiliencePipeline? OpenPipeline { get; set; }

    internal static ResiliencePipeline? PollyClosed { get; set; }

    internal static ResiliencePipeline? PollyOpen { get; set; }

    internal static Task<int> CallAsync(CancellationToken cancellationToken) => Answer;
}
