using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>What a breaker decides by.</summary>
internal sealed record BreakerSettingsView(double FailureRatio, int MinimumThroughput, double SamplingDurationSeconds, double BreakDurationSeconds)
{
    internal static BreakerSettingsView Of(BreakerSettings settings) => new(
        settings.FailureRatio, settings.MinimumThroughput, settings.SamplingDuration.TotalSeconds, settings.BreakDuration.TotalSeconds);
}
