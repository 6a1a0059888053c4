using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>A breaker's answer to a call that wants to begin: it passes and is counted, it passes as a probe, or it is refused.</summary>
/// <param name="View">It passes: by what was known when it began.</param>
/// <param name="StartedAt">It passes: when, if calls are timed.</param>
/// <param name="Probe">It passes as a probe.</param>
/// <param name="Refusal">It is refused.</param>
internal readonly record struct Admission(
    BreakerView? View = null, long StartedAt = 0, ProbePermit? Probe = null, BrokenCircuitException? Refusal = null)
{
    /// <summary>If not, only the cluster can say: see <see cref="CircuitBreaker.AdmitProbeAsync"/>.</summary>
    public bool IsDecided => View is not null || Refusal is not null || Probe is not null;
}
