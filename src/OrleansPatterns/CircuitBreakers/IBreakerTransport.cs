namespace OrleansPatterns.CircuitBreakers;

/// <summary>The way from a process to the grain. Every call ends within a second or so, with an answer or a fault.</summary>
internal interface IBreakerTransport
{
    Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, IBreakerObserver observer);

    Task<BreakerSnapshot> ReportAsync(BreakerReport report);

    Task<ProbeReply> TryAcquireProbeAsync(string caller, BreakerSettings settings);

    Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome);
}
