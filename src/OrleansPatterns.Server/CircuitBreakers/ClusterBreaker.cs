using Microsoft.Extensions.Logging;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>The breaker of the whole cluster, as far as one activation has it: decide, write, then tell every process.</summary>
/// <remarks>
/// Two activations: both count, and the first to write a change takes the ETag away from the other, which drops what it knows. Each permit is such
/// a write, so that both together let no more probes through than one.
/// </remarks>
/// <param name="dependency">The dependency.</param>
/// <param name="record">What is stored.</param>
/// <param name="onFault">Called when memory is no longer known to be true: nobody may use this any more.</param>
/// <param name="clock">The cluster's clock.</param>
/// <param name="time">This silo's.</param>
/// <param name="random">For jitter.</param>
/// <param name="listeners">Hear of each change.</param>
/// <param name="logger">The log.</param>
internal sealed partial class ClusterBreaker(
    string dependency,
    IPersistentState<BreakerRecord> record,
    Action onFault,
    IClusterClock clock,
    TimeProvider time,
    Random random,
    IEnumerable<IBreakerListener> listeners,
    ILogger logger)
{
    private static readonly TimeSpan Subscription = TimeSpan.FromMinutes(1);

    private readonly BreakerCore _core = new();
    private readonly Dictionary<Guid, Subscriber> _subscribers = [];

    private readonly long _activatedAt = time.GetTimestamp();

    private BreakerSettings _settings = BreakerSettings.From(new CircuitBreakerOptions());

    /// <summary>Whose settings these are; <see langword="null"/>: nobody's yet.</summary>
    private string? _settingsFrom;
    private TimeSpan _settingsHeardAt;

    /// <summary>What is known to be durable.</summary>
    public BreakerRecord Record => _core.Record;

    private TimeSpan Now => time.GetElapsedTime(_activatedAt);

    private BreakerMoment Moment => new(Now, time.GetUtcNow(), random.NextDouble());

    public async Task<BreakerSnapshot> ReportAsync(BreakerReport report)
    {
        Learn(report.Caller, report.Settings);
        await CatchUpAsync(report.Version);
        if (IsNew(report))
        {
            await CommitAsync(_core.Count(report.Caller, report.Generation, report.Tally, _settings, Moment));
        }

        return SnapshotFor(report.Caller, report.Settings);
    }

    public async Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer)
    {
        BreakerBounds.CheckCaller(caller);
        await CatchUpAsync(version);
        Subscribe(caller, epoch).Observer = observer;

        // Here and not with each report: whoever is there subscribes anew now and then, and reports are many.
        await ForgetAsync();
        return _core.Snapshot(caller, Now);
    }

    public async Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings)
    {
        Learn(caller, settings);
        await CatchUpAsync(version);
        var (next, permit, retryAfter) = _core.AcquireProbe(caller, _settings, Moment);
        await CommitAsync(next);
        return new ProbeReply { PermitId = permit, RetryAfter = retryAfter, Snapshot = SnapshotFor(caller, settings) };
    }

    public async Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome)
    {
        BreakerBounds.CheckCaller(caller);

        // The version with which it was given.
        await CatchUpAsync(permitId);
        await CommitAsync(_core.EndProbe(permitId, outcome, _settings, Moment));
        return _core.Snapshot(caller, Now);
    }

    public async Task<BreakerSnapshot> HoldAsync(BreakerOverride byHand, Guid decisionId = default)
    {
        BreakerBounds.Check(byHand);
        if (!_core.IsMade(decisionId))
        {
            await CommitAsync(BreakerCore.Noting(_core.Hold(byHand, clock.Read()?.Latest + byHand.ExpiresAfter, Moment), decisionId));
        }

        return _core.Snapshot("", Now);
    }

    public async Task<BreakerSnapshot> CloseAsync(string? author, Guid decisionId = default)
    {
        BreakerBounds.CheckAuthor(author);
        if (!_core.IsMade(decisionId))
        {
            await CommitAsync(BreakerCore.Noting(_core.Close(author, Moment), decisionId));
        }

        return _core.Snapshot("", Now);
    }

    public async Task<BreakerStatus> GetStatusAsync()
    {
        await CommitAsync(_core.Expire(Moment));
        await ForgetAsync();
        return _core.Describe(_settings, Now);
    }

    /// <summary>Begins with what is stored.</summary>
    public void Restore()
    {
        var stored = record.State;
        if (_settingsFrom is null && stored.Settings is { } settings)
        {
            _settings = settings;
        }

        // By the cluster's clock, if both the writer and this silo know it; else the whole time once more.
        var left = stored.OverrideEndsAt is { } end && clock.Read() is { } now ? end - now.Earliest : stored.Override?.ExpiresAfter;
        _core.Restore(stored, left, _settings, Now);
    }

    /// <summary>A process knows a later version than this activation.</summary>
    /// <remarks>
    /// Either another activation has written since this one read: then it reads again. Or the stored record was lost: then it overtakes, or the
    /// process would take everything from here for old, and this would take everything from there for late, for ever.
    /// </remarks>
    private async Task CatchUpAsync(long version)
    {
        if (version > record.State.Version)
        {
            await record.ReadStateAsync();
            Restore();
            if (version > record.State.Version)
            {
                await CommitAsync(record.State with
                {
                    Version = version + 1,
                    Cluster = record.State.Cluster with { Generation = version + 1 },
                    Callers = record.State.Callers.Clear(),
                });
            }
        }

        await CommitAsync(_core.Expire(Moment));
    }

    /// <summary>Forgets runs that are silent, and circuits of callers of which there is no run any more.</summary>
    private async Task ForgetAsync()
    {
        foreach (var silent in _subscribers.Where(known => Now - known.Value.HeardAt > Subscription).Select(known => known.Key).ToList())
        {
            _subscribers.Remove(silent);
        }

        // A new activation has to hear of everybody first.
        if (Now > Subscription)
        {
            await CommitAsync(_core.Forget(_subscribers.Values.Select(run => run.Caller).ToHashSet(StringComparer.Ordinal), Moment));
        }
    }

    private void Learn(string caller, BreakerSettings settings)
    {
        BreakerBounds.CheckCaller(caller);
        if (_settings == settings || _settingsFrom is null || Now - _settingsHeardAt > Subscription)
        {
            _settingsFrom = _settings == settings ? _settingsFrom ?? caller : caller;
            (_settings, _settingsHeardAt) = (settings, Now);
        }
    }

    private BreakerSnapshot SnapshotFor(string caller, BreakerSettings settings)
    {
        var snapshot = _core.Snapshot(caller, Now);
        return settings == _settings ? snapshot : snapshot with { OtherSettings = _settings, OtherSettingsFrom = _settingsFrom };
    }

    private Subscriber Subscribe(string caller, Guid epoch)
    {
        if (!_subscribers.TryGetValue(epoch, out var subscriber))
        {
            _subscribers.Add(epoch, subscriber = new Subscriber(caller));
        }

        subscriber.HeardAt = Now;
        return subscriber;
    }

    private bool IsNew(BreakerReport report)
    {
        var known = Subscribe(report.Caller, report.Epoch);
        if (known.Sequence == 0 && report.Sequence > 1)
        {
            // Another activation had its reports, and perhaps those of others, of which this one has not heard yet.
            _core.ExpectUnknown(Now);
        }

        if (known.Sequence >= report.Sequence)
        {
            return false;
        }

        known.Sequence = report.Sequence;
        return true;
    }

    private async Task CommitAsync(BreakerRecord next)
    {
        if (ReferenceEquals(next, record.State))
        {
            return;
        }

        var before = record.State;
        await record.CommitAsync(next, onFault);
        _core.Apply(next, _settings, Now);
        if (next.History is [.., var last] && last.Version > before.Version)
        {
            Tell(last);
        }
    }

    /// <summary>Tells everybody whom it concerns. One-way calls: nobody waits for a process that may be gone, and who misses one hears it with its next report.</summary>
    private void Tell(BreakerTransition transition)
    {
        LogChanged(
            dependency, transition.From, transition.To, transition.OnlyCallers.IsEmpty ? "all" : string.Join(", ", transition.OnlyCallers), transition.Reason,
            string.Join(", ", transition.Callers.Select(caller => $"{caller.Caller} {caller.Failures}/{caller.Failures + caller.Successes}")));
        foreach (var subscriber in _subscribers.Values)
        {
            subscriber.Observer?.StateChangedAsync(_core.Snapshot(subscriber.Caller, Now)).Ignore();
        }

        foreach (var listener in listeners)
        {
            try
            {
                listener.OnTransition(dependency, transition);
            }
            catch (Exception exception)
            {
                LogListenerFailed(exception, dependency, listener.GetType());
            }
        }
    }

    /// <summary>One run of one process.</summary>
    private sealed record Subscriber(string Caller)
    {
        public long Sequence { get; set; }

        public TimeSpan HeardAt { get; set; }

        public IBreakerObserver? Observer { get; set; }
    }
}
