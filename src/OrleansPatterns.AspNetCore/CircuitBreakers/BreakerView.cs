using System.Collections.Immutable;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>A breaker to look at.</summary>
internal sealed record BreakerView(
    string Name,
    BreakerState State,
    string? Reason,
    double OpenForSeconds,
    int Successes,
    int Failures,
    int SlowCalls,
    int Callers,
    double FailureRatio,
    BreakerSettingsView? Settings,
    ImmutableArray<BreakerCallerStatus> ByCaller,
    IReadOnlyList<BreakerTransitionView> History,
    BreakerOverrideView? Override)
{
    internal static BreakerView Of(string name, BreakerStatus status) => new(
        name,
        status.Snapshot.State,
        status.Snapshot.Reason,
        status.Snapshot.OpenFor.TotalSeconds,
        status.Successes,
        status.Failures,
        status.SlowCalls,
        status.Callers,
        status.Failures == 0 ? 0 : (double)status.Failures / (status.Failures + status.Successes),
        status.Settings is { } settings ? BreakerSettingsView.Of(settings) : null,
        status.ByCaller,
        [.. status.History.Select(BreakerTransitionView.Of)],
        status.Override is { } byHand ? BreakerOverrideView.Of(byHand) : null);
}
