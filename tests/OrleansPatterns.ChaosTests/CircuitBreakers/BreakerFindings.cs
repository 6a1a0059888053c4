using System.Globalization;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>What a history says of breakers.</summary>
/// <param name="Violations">What must not have happened.</param>
/// <param name="LongestDisagreement">Between any two processes that both went by the cluster's word.</param>
/// <param name="MostProbes">By the cluster's permits, of one dependency at a time.</param>
internal sealed record BreakerFindings(IReadOnlyList<string> Violations, TimeSpan LongestDisagreement, int MostProbes)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Breakers: callers disagreed for {LongestDisagreement.TotalSeconds:0.0} s at most, and {MostProbes} probes of {ChaosBreakers.ConcurrentProbes} were under way at most.");
}
