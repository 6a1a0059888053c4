using Microsoft.Extensions.Logging;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>The shell around a <see cref="ClusterBreaker"/>.</summary>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Breaker)]
internal sealed class BreakerGrain(
    [PersistentState(PatternNames.Breaker, StorageNames.OrleansPatterns)] IPersistentState<BreakerRecord> record,
    IClusterClock clock,
    TimeProvider time,
    IEnumerable<IBreakerListener> listeners,
    ILogger<BreakerGrain> logger) : Grain, IBreakerGrain
{
    private ClusterBreaker? _breaker;

    private ClusterBreaker Breaker => _breaker ?? throw new InvalidOperationException("The grain is not activated yet.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var dependency = GrainKeys.UserKey(PatternNames.Breaker, this.GetPrimaryKeyString()).Value;
        _breaker = new ClusterBreaker(dependency, record, this.DeactivateOnIdle, clock, time, Random.Shared, listeners, logger);
        _breaker.Restore();
        return Task.CompletedTask;
    }

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => Breaker.ReportAsync(report);

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer) =>
        Breaker.SubscribeAsync(caller, epoch, version, observer);

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings) =>
        Breaker.TryAcquireProbeAsync(caller, version, settings);

    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome) => Breaker.ReportProbeAsync(caller, permitId, outcome);

    public Task<BreakerSnapshot> HoldAsync(BreakerOverride byHand, Guid decisionId = default) => Breaker.HoldAsync(byHand, decisionId);

    public Task<BreakerSnapshot> CloseAsync(string? author, Guid decisionId = default) => Breaker.CloseAsync(author, decisionId);

    public Task<BreakerStatus> GetStatusAsync() => Breaker.GetStatusAsync();
}
