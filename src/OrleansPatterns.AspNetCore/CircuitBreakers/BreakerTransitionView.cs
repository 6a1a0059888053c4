using System.Collections.Immutable;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>One change of a breaker.</summary>
internal sealed record BreakerTransitionView(
    long Version, BreakerState From, BreakerState To, string Reason, string? Author, DateTimeOffset At, ImmutableArray<string> OnlyCallers)
{
    internal static BreakerTransitionView Of(BreakerTransition transition) => new(
        transition.Version, transition.From, transition.To, transition.Reason, transition.Author, transition.At, transition.OnlyCallers);
}
