using Polly;
using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>A cluster's breaker in a Polly pipeline of one type of result, which may count results as failures too.</summary>
/// <typeparam name="TResult">The pipeline's result.</typeparam>
public sealed class ClusterCircuitBreakerStrategyOptions<TResult> : ClusterCircuitBreakerStrategyOptions
{
    /// <summary>Which outcomes are failures; a <see cref="PredicateBuilder{TResult}"/> will do. A cancellation by the caller counts as neither.</summary>
    /// <remarks>If it throws, the call counts as neither, and its caller gets the exception.</remarks>
    /// <value>Default <see langword="null"/>: the exceptions that <see cref="CircuitBreakerOptions.ShouldHandle"/> names, and no result.</value>
    public Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? ShouldHandle { get; set; }
}
