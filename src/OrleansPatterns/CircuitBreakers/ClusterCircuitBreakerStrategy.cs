using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>For pipelines of one type of result.</summary>
internal sealed class ClusterCircuitBreakerStrategy<TResult>(
    BreakerPipeline pipeline, Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? shouldHandle) : ResilienceStrategy<TResult>
{
    protected override ValueTask<Outcome<TResult>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
        pipeline.ExecuteAsync(callback, context, state, shouldHandle);
}

/// <summary>For pipelines of any results, which only exceptions can make failures.</summary>
internal sealed class ClusterCircuitBreakerStrategy(BreakerPipeline pipeline) : ResilienceStrategy
{
    protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
        pipeline.ExecuteAsync(callback, context, state, shouldHandle: null);
}
