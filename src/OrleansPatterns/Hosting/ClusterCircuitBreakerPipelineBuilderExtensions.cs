using OrleansPatterns.CircuitBreakers;
using ClusterBreaker = OrleansPatterns.CircuitBreakers.CircuitBreaker;

namespace Polly;

/// <summary>Puts a cluster's breaker into Polly pipelines.</summary>
public static class ClusterCircuitBreakerPipelineBuilderExtensions
{
    /// <summary>Adds a breaker that opens for the whole cluster. Rejections are outcomes, with Polly's exceptions; no call waits for the cluster but a probe.</summary>
    /// <remarks>
    /// Polly's own events go to the pipeline's telemetry, once for each change of state as this process hears of it: <c>OnCircuitOpened</c>,
    /// <c>OnCircuitHalfOpened</c>, <c>OnCircuitClosed</c>. Pipelines with the same breaker share its state.
    /// </remarks>
    /// <param name="builder">The pipeline's builder.</param>
    /// <param name="breaker">The dependency's breaker, from <see cref="ICircuitBreakerProvider"/>.</param>
    /// <param name="options">What the strategy is called.</param>
    /// <exception cref="ArgumentException">The breaker is not from <see cref="ICircuitBreakerProvider"/>.</exception>
    public static ResiliencePipelineBuilder AddClusterCircuitBreaker(
        this ResiliencePipelineBuilder builder, ICircuitBreaker breaker, ClusterCircuitBreakerStrategyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var own = ClusterBreaker.Own(breaker);
        return builder.AddStrategy(
            ResilienceStrategy (context) => new ClusterCircuitBreakerStrategy(new BreakerPipeline(own, context.Telemetry)), options ?? new ClusterCircuitBreakerStrategyOptions());
    }

    /// <inheritdoc cref="AddClusterCircuitBreaker(ResiliencePipelineBuilder, ICircuitBreaker, ClusterCircuitBreakerStrategyOptions?)"/>
    /// <typeparam name="TResult">The pipeline's result.</typeparam>
    /// <param name="builder">The pipeline's builder.</param>
    /// <param name="breaker">The dependency's breaker, from <see cref="ICircuitBreakerProvider"/>.</param>
    /// <param name="options">Which outcomes are failures, and what the strategy is called.</param>
    public static ResiliencePipelineBuilder<TResult> AddClusterCircuitBreaker<TResult>(
        this ResiliencePipelineBuilder<TResult> builder, ICircuitBreaker breaker, ClusterCircuitBreakerStrategyOptions<TResult>? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var own = ClusterBreaker.Own(breaker);
        var chosen = options ?? new ClusterCircuitBreakerStrategyOptions<TResult>();
        return builder.AddStrategy(
            ResilienceStrategy<TResult> (context) => new ClusterCircuitBreakerStrategy<TResult>(new BreakerPipeline(own, context.Telemetry), chosen.ShouldHandle), chosen);
    }
}
