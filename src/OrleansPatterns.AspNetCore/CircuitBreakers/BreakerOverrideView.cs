using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>What was decided about a breaker by hand.</summary>
internal sealed record BreakerOverrideView(BreakerState State, string Reason, string? Author, double? ExpiresAfterSeconds)
{
    internal static BreakerOverrideView Of(BreakerOverride byHand) => new(byHand.State, byHand.Reason, byHand.Author, byHand.ExpiresAfter?.TotalSeconds);
}
