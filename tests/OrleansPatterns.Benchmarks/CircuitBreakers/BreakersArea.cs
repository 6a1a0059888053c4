using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.CircuitBreakers;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>What a call pays for its breaker. Ours decides for the cluster, Polly's for one process: the call should not feel the difference.</summary>
internal sealed class BreakersArea : IBenchmarkArea
{
    public string Name => "breakers";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var breakers = (await environment.ClientAsync()).GetRequiredService<ICircuitBreakerProvider>();
        BreakerCalls.Closed = breakers.Get("closed");
        BreakerCalls.Open = breakers.Get("open");
        await BreakerCalls.Open.IsolateAsync("benchmark");

        var control = new CircuitBreakerManualControl();
        BreakerCalls.PollyClosed = new ResiliencePipelineBuilder().AddCircuitBreaker(new CircuitBreakerStrategyOptions()).Build();
        BreakerCalls.PollyOpen = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions { ManualControl = control }).Build();
        await control.IsolateAsync();
        return
        [
            new BenchmarkCase(
                "call, closed", "ns", HigherIsBetter: false,
                [new("OrleansPatterns, client", InProcess.NanosecondsAsync<ClosedCall>), new("Polly.Core", InProcess.NanosecondsAsync<PollyClosedCall>)]),
            new BenchmarkCase(
                "call, held open by hand", "ns", HigherIsBetter: false,
                [new("OrleansPatterns, client", InProcess.NanosecondsAsync<OpenCall>), new("Polly.Core", InProcess.NanosecondsAsync<PollyOpenCall>)]),
        ];
    }
}
