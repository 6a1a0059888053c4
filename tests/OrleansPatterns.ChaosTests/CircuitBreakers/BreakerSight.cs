using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>What one process saw of one breaker, from one look to the next.</summary>
/// <param name="Process">Who.</param>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
/// <param name="State">In what state.</param>
/// <param name="IsAlone">Whether it decided so itself.</param>
/// <param name="IsLocal">Whether that may be the state of its own circuit, which legally differs from that of others.</param>
/// <param name="Since">Since when it has been running without a pause, and by the cluster's word unless <paramref name="IsAlone"/>.</param>
internal sealed record BreakerSight(string Process, long From, long Until, BreakerState State, bool IsAlone, bool IsLocal, long Since)
{
    /// <summary>A process that has not looked for so long was paused; what it had seen last says nothing of meanwhile.</summary>
    internal static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(1);

    /// <summary>Whatever it was cut off for lasts longer, so that it cannot come and go between two looks.</summary>
    internal static readonly TimeSpan ShortGap = TimeSpan.FromMilliseconds(400);

    /// <summary>What all who go by the cluster's word have to agree on. The end of a break is a matter of one's own clock.</summary>
    /// <value>None: nothing.</value>
    internal BreakerState Shared => IsAlone || IsLocal ? BreakerState.None : State == BreakerState.HalfOpen ? BreakerState.Open : State;
}
