using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.CircuitBreakers;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Benchmarks.CircuitBreakers;

/// <summary>What a call pays for its breaker. Ours decides for the cluster, Polly's for one process: the call should not feel the difference.</summary>
internal sealed class BreakersArea : IBenchmarkArea
{
    private const string Ours = "OrleansPatterns, client";
    private const string Polly = "Polly.Core";

    public string Name => "breakers";

    /// <summary>Of the client's process.</summary>
    internal static void Configure(IServiceCollection services)
    {
        services.AddSingleton<BreakerMessages>();
        services.AddSingleton<IOutgoingGrainCallFilter>(provider => provider.GetRequiredService<BreakerMessages>());
        services.Configure<CircuitBreakerOptions>(BreakerSpread.Dependency, options => options.MinimumThroughput = 2);
        services.Configure<CircuitBreakerOptions>(BreakerCalls.OpensForLong, options =>
        {
            options.MinimumThroughput = 2;
            options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromDays(1);
        });
    }

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var client = await environment.ClientAsync();
        var breakers = client.GetRequiredService<ICircuitBreakerProvider>();
        BreakerCalls.Closed = breakers.Get("closed");
        BreakerCalls.ClosedPipeline = new ResiliencePipelineBuilder().AddClusterCircuitBreaker(BreakerCalls.Closed).Build();
        BreakerCalls.PollyClosed = new ResiliencePipelineBuilder().AddCircuitBreaker(new CircuitBreakerStrategyOptions()).Build();

        var open = breakers.Get(BreakerCalls.OpensForLong);
        BreakerCalls.OpenPipeline = new ResiliencePipelineBuilder().AddClusterCircuitBreaker(open).Build();
        BreakerCalls.PollyOpen = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 2, BreakDuration = TimeSpan.FromDays(1) }).Build();
        await TripAsync(BreakerCalls.OpenPipeline);
        await TripAsync(BreakerCalls.PollyOpen);
        await breakers.Get(BreakerCalls.OnlyMeasures).HoldAsync(new BreakerOverride { State = BreakerState.MetricsOnly, Reason = "benchmark" });
        return
        [
            Compare<ClosedCall, PollyClosedCall>("call, closed"),
            Compare<ClosedPipelineCall, PollyClosedPipelineCall>("pipeline, closed"),
            CompareBytes<ClosedPipelineCall, PollyClosedPipelineCall>("pipeline, closed: allocated"),
            Compare<OpenPipelineCall, PollyOpenPipelineCall>("pipeline, open: rejection as an outcome"),
            CompareBytes<OpenPipelineCall, PollyOpenPipelineCall>("pipeline, open: allocated"),
            .. client.GetRequiredService<BreakerMessages>().Cases(breakers, client.GetRequiredService<IGrainFactory>()),
            await BreakerSpread.PrepareAsync(environment),
        ];
    }

    private static BenchmarkCase Compare<TOurs, TPeer>(string name) => new(
        name, "ns", HigherIsBetter: false, [new(Ours, InProcess.NanosecondsAsync<TOurs>), new(Polly, InProcess.NanosecondsAsync<TPeer>)]);

    private static BenchmarkCase CompareBytes<TOurs, TPeer>(string name) => new(
        name, "bytes", HigherIsBetter: false, [new(Ours, InProcess.BytesAsync<TOurs>), new(Polly, InProcess.BytesAsync<TPeer>)]);

    /// <summary>Fails until the breaker refuses.</summary>
    private static async Task TripAsync(ResiliencePipeline pipeline)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await pipeline.ExecuteAsync<int>(_ => throw new HttpRequestException(), giveUp.Token);
            }
            catch (BrokenCircuitException)
            {
                return;
            }
            catch (HttpRequestException)
            {
                giveUp.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
