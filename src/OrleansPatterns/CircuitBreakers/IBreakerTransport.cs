namespace OrleansPatterns.CircuitBreakers;

/// <summary>The way from a process to the grain. Each call but one ends within a second or so, with an answer or a fault.</summary>
internal interface IBreakerTransport
{
    Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer);

    Task<BreakerSnapshot> ReportAsync(BreakerReport report);

    /// <summary>Ends when the cluster answers or is known not to: a permit that comes late is still one, and <see cref="BreakerProbing"/> gives it back.</summary>
    Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings);

    Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome);
}
