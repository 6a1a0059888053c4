using Microsoft.Extensions.Logging;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>The shell around a <see cref="ClusterBreaker"/>.</summary>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Breaker)]
internal sealed class BreakerGrain(
    [PersistentState(PatternNames.Breaker, StorageNames.OrleansPatterns)] IPersistentState<BreakerRecord> record,
    ICatalog catalog,
    IClusterClock clock,
    TimeProvider time,
    IEnumerable<IBreakerListener> listeners,
    ILogger<BreakerGrain> logger) : Grain, IBreakerGrain, IBreakerListener
{
    /// <summary>Not all that the row shows is a change that listeners hear of: a caller that was cut off alone may just be gone.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private ClusterBreaker? _breaker;
    private CatalogRow? _row;

    private ClusterBreaker Breaker => _breaker ?? throw new InvalidOperationException("The grain is not activated yet.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var dependency = GrainKeys.UserKey(PatternNames.Breaker, this.GetPrimaryKeyString()).Value;
        _breaker = new ClusterBreaker(dependency, record, this.DeactivateOnIdle, clock, time, Random.Shared, [.. listeners, this], logger);
        _breaker.Restore();
        _row = new CatalogRow(
            this, catalog, () => Task.FromResult<CatalogEntry?>(BreakerCatalogRow.For(dependency, Breaker.Record)), LookEvery, time, logger);
        if (record.State.Version > 0)
        {
            _row.Show();
        }

        return Task.CompletedTask;
    }

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => Breaker.ReportAsync(report);

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer)
    {
        if (_row is { IsShown: false })
        {
            // Somebody uses it. Who only looks, at whatever name, makes no row.
            _row.Show();
        }

        return Breaker.SubscribeAsync(caller, epoch, version, observer);
    }

    void IBreakerListener.OnTransition(string dependency, BreakerTransition transition) => _row?.Show();

    public Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings) =>
        Breaker.TryAcquireProbeAsync(caller, version, settings);

    public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome) => Breaker.ReportProbeAsync(caller, permitId, outcome);

    public Task<BreakerSnapshot> HoldAsync(BreakerOverride byHand, Guid decisionId = default) => Breaker.HoldAsync(byHand, decisionId);

    public Task<BreakerSnapshot> CloseAsync(string? author, Guid decisionId = default) => Breaker.CloseAsync(author, decisionId);

    public Task<BreakerStatus> GetStatusAsync() => Breaker.GetStatusAsync();
}
