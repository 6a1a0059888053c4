using Microsoft.Extensions.Logging;
using Orleans.Utilities;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>Hosts a <see cref="BreakerCore"/> for the whole cluster: decide, write, then tell every process.</summary>
/// <remarks>
/// Two activations: both count, and the first to write a change takes the ETag away from the other, which drops what it knows. A probe needs a
/// written change to half-open, so permits come from one of them only.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Breaker)]
internal sealed partial class BreakerGrain(
    [PersistentState(PatternNames.Breaker, StorageNames.OrleansPatterns)] IPersistentState<BreakerRecord> record,
    TimeProvider time,
    ILogger<BreakerGrain> logger) : Grain, IBreakerGrain
{
    private static readonly TimeSpan Subscription = TimeSpan.FromMinutes(1);

    private readonly BreakerCore _core = new();
    private readonly Dictionary<Guid, (long Sequence, TimeSpan HeardAt)> _callers = [];
    private readonly ObserverManager<IBreakerObserver> _watchers = new(Subscription, logger);

    private long _activatedAt;
    private string _dependency = "";
    private BreakerSettings _settings = BreakerSettings.From(new CircuitBreakerOptions());
    private bool _hasSettings;

    private TimeSpan Now => time.GetElapsedTime(_activatedAt);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _dependency = GrainKeys.UserKey(PatternNames.Breaker, this.GetPrimaryKeyString()).Value;
        _activatedAt = time.GetTimestamp();
        _core.Restore(record.State, _settings.ProbeLease, Now);
        return Task.CompletedTask;
    }

    public async Task<BreakerSnapshot> ReportAsync(BreakerReport report)
    {
        Learn(report.Settings);
        await CatchUpAsync(report.Generation);
        if (IsNew(report))
        {
            await CommitAsync(_core.Count(
                report.CallerId, report.Generation, report.Successes, report.Failures, _settings, Now, Random.Shared.NextDouble()));
        }

        return _core.Snapshot(Now);
    }

    public Task<BreakerSnapshot> SubscribeAsync(IBreakerObserver observer)
    {
        _watchers.Subscribe(observer, observer);
        return Task.FromResult(_core.Snapshot(Now));
    }

    public async Task<ProbeReply> TryAcquireProbeAsync(Guid callerId, BreakerSettings settings)
    {
        Learn(settings);
        await CommitAsync(_core.BeginProbing(Now));
        var (permitId, retryAfter) = _core.TryAcquireProbe(_settings, Now);
        return new ProbeReply { PermitId = permitId, RetryAfter = retryAfter, Snapshot = _core.Snapshot(Now) };
    }

    public async Task<BreakerSnapshot> ReportProbeAsync(long permitId, ProbeOutcome outcome)
    {
        await CommitAsync(_core.EndProbe(permitId, outcome, _settings, Now, Random.Shared.NextDouble()));
        return _core.Snapshot(Now);
    }

    public async Task<BreakerSnapshot> IsolateAsync(string reason)
    {
        BreakerBounds.CheckReason(reason);
        await CommitAsync(BreakerRules.Isolate(record.State, reason));
        return _core.Snapshot(Now);
    }

    public async Task<BreakerSnapshot> CloseAsync()
    {
        await CommitAsync(BreakerRules.Close(record.State));
        return _core.Snapshot(Now);
    }

    public Task<BreakerStatus> GetStatusAsync() => Task.FromResult(_core.Describe(_settings, Now));

    /// <summary>A process knows a later generation than this activation.</summary>
    /// <remarks>
    /// Either another activation has written since this one read: then it reads again. Or the stored record was lost: then it overtakes, or the
    /// process would take everything from here for old, and this would take everything from there for late, for ever.
    /// </remarks>
    private async Task CatchUpAsync(long generation)
    {
        if (generation <= record.State.Generation)
        {
            return;
        }

        await record.ReadStateAsync();
        _core.Apply(record.State, Now);
        _core.Restore(record.State, _settings.ProbeLease, Now);
        if (generation > record.State.Generation)
        {
            await CommitAsync(record.State with { Generation = generation + 1 });
        }
    }

    private void Learn(BreakerSettings settings)
    {
        if (!_hasSettings)
        {
            (_settings, _hasSettings) = (settings, true);
        }
        else if (_settings != settings)
        {
            LogOtherSettings(_dependency, settings, _settings);
        }
    }

    private bool IsNew(BreakerReport report)
    {
        foreach (var silent in _callers.Where(caller => Now - caller.Value.HeardAt > Subscription).Select(caller => caller.Key).ToList())
        {
            _callers.Remove(silent);
        }

        if (_callers.TryGetValue(report.CallerId, out var known) && known.Sequence >= report.Sequence)
        {
            return false;
        }

        _callers[report.CallerId] = (report.Sequence, Now);
        return true;
    }

    private async Task CommitAsync(BreakerRecord next)
    {
        if (ReferenceEquals(next, record.State))
        {
            return;
        }

        await record.CommitAsync(next, this);
        _core.Apply(next, Now);
        LogChanged(_dependency, next.State, next.Generation, next.Reason);

        // One-way calls: nobody waits for a process that may be gone. Who misses one is told with its next report.
        var snapshot = _core.Snapshot(Now);
        await _watchers.Notify(watcher => watcher.StateChangedAsync(snapshot));
    }

    [LoggerMessage(2101, LogLevel.Information, "Breaker '{Dependency}' is {State} for the cluster, generation {Generation}. {Reason}")]
    private partial void LogChanged(string dependency, BreakerState state, long generation, string? reason);

    [LoggerMessage(2102, LogLevel.Debug, "Breaker '{Dependency}' was reported with {Other}; it goes on with {Settings}, which came first.")]
    private partial void LogOtherSettings(string dependency, BreakerSettings other, BreakerSettings settings);
}
