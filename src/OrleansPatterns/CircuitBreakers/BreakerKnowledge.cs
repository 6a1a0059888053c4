using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>What one process knows of a breaker: from the cluster, or decided alone while that is away. Calls read it without a lock.</summary>
internal sealed partial class BreakerKnowledge(
    string name, string caller, CircuitBreakerOptions options, BreakerSettings settings, BreakerAnnouncements announcements, TimeProvider time, Random random, ILogger logger)
{
    /// <summary>Longer than any outage; each attempt to reach the cluster begins it anew.</summary>
    private static readonly TimeSpan UntilTheClusterIsBack = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly long _startedAt = time.GetTimestamp();

    private readonly TaskCompletionSource _heard = NewSignal();

    private volatile BreakerView _view = options.FailClosed
        ? new(BreakerState.HalfOpen, Generation: 0, TimeSpan.Zero, Reason: null, $"The breaker '{name}' has heard nothing from the cluster yet, and FailClosed is set.", new CallCounts())
        : new(BreakerState.Closed, Generation: 0, TimeSpan.Zero, Reason: null, Refusal: "", new CallCounts());
    private volatile bool _isAlone;
    private long _version = -1;

    /// <summary>Decides while the cluster is away. Guarded by the gate, as all of the following.</summary>
    private BreakerCore _alone = new();
    private TaskCompletionSource _changed = NewSignal();
    private BreakerSettings? _warnedOf;
    private volatile Exception? _fault;

    public BreakerView View => _view;

    public bool IsAlone => _isAlone;

    /// <summary>The highest version that the cluster has told.</summary>
    public long Version => Math.Max(0, Interlocked.Read(ref _version));

    public TimeSpan Now => time.GetElapsedTime(_startedAt);

    /// <summary>Completed with the next change of state.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    private BreakerMoment Moment => new(Now, time.GetUtcNow(), random.NextDouble());

    /// <summary>Waits for the cluster's first word, or until it is known to be away.</summary>
    /// <returns><see langword="false"/>: neither came within the time.</returns>
    public async Task<bool> HasHeardAsync(TimeSpan within)
    {
        if (!_heard.Task.IsCompleted)
        {
            await Task.WhenAny(_heard.Task, Task.Delay(within, time));
        }

        return _heard.Task.IsCompleted;
    }

    public async IAsyncEnumerable<BreakerState> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            BreakerState state;
            lock (_gate)
            {
                (changed, state) = (_changed.Task, _view.State);
            }

            yield return state;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The cluster has spoken: what this process decided alone is over, unless nothing has changed there and it knows that the dependency fails.</summary>
    public void Take(BreakerSnapshot snapshot, bool isAnswer)
    {
        lock (_gate)
        {
            _heard.TrySetResult();
            WarnOfOtherSettings(snapshot);
            if (snapshot.Version > _version || (snapshot.Version == _version && (_isAlone ? isAnswer && !IsKnownToFail(snapshot) : IsLonger(snapshot))))
            {
                _isAlone = false;
                _version = snapshot.Version;
                Show(snapshot);
            }
        }
    }

    /// <summary>Counts for this process alone; the cluster was asked and did not answer.</summary>
    public void CountAlone(BreakerView view, CallTally tally)
    {
        lock (_gate)
        {
            BeAlone();
            _alone.Apply(_alone.Expire(Moment), settings, Now);
            if (tally.Calls > 0)
            {
                _alone.Apply(_alone.Count(caller, view.Generation, tally, settings, Moment), settings, Now);
            }

            ShowAlone();
        }
    }

    /// <summary>Gives a permit for a probe of this process alone.</summary>
    /// <returns>Zero: not now.</returns>
    public long AcquireProbeAlone()
    {
        lock (_gate)
        {
            BeAlone();
            var (next, permit, _) = options.FailClosed ? (_alone.Record, 0, TimeSpan.Zero) : _alone.AcquireProbe(caller, settings, Moment);
            _alone.Apply(next, settings, Now);
            ShowAlone();
            return permit;
        }
    }

    public void EndProbeAlone(long permit, CallOutcome outcome)
    {
        lock (_gate)
        {
            // With the cluster back it decides nothing any more, but is no longer under way when that is away again.
            _alone.Apply(_alone.EndProbe(permit, outcome, settings, Moment), settings, Now);
            if (_isAlone)
            {
                ShowAlone();
            }
        }
    }

    /// <summary>A fault on the way to the cluster.</summary>
    public void NoteFault(Exception fault)
    {
        _fault = fault;
        LogFault(fault, name);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// The cluster is back and says what it said last, but this process has seen the dependency fail meanwhile. Its own probes decide when that is
    /// over; otherwise a cluster that reads and cannot write would lift each break as soon as it is made.
    /// </summary>
    private bool IsKnownToFail(BreakerSnapshot snapshot) => snapshot.State == BreakerState.Closed && _view is { IsDecidedAlone: true, Passes: false };

    /// <summary>The same state, but for longer than was told: the grain has moved, and its break begins anew.</summary>
    private bool IsLonger(BreakerSnapshot snapshot) => snapshot.OpenFor > TimeSpan.Zero && _view.OpenUntil <= Now;

    private void WarnOfOtherSettings(BreakerSnapshot snapshot)
    {
        if (snapshot.OtherSettings is { } others && others != _warnedOf)
        {
            _warnedOf = others;
            LogOtherSettings(name, caller, settings.DifferencesFrom(others), snapshot.OtherSettingsFrom);
        }
    }

    /// <summary>Takes over from the cluster, with what it said last.</summary>
    private void BeAlone()
    {
        if (_isAlone)
        {
            return;
        }

        _isAlone = true;
        _heard.TrySetResult();
        LogAlone(_fault, name);
        var left = _view.OpenUntil > Now ? _view.OpenUntil - Now : TimeSpan.Zero;
        var isByHand = _view.State is BreakerState.Isolated or BreakerState.ForcedClosed or BreakerState.MetricsOnly or BreakerState.Disabled;
        TimeSpan? expiry = left > TimeSpan.Zero ? left : null;

        // On from the last time, so that nothing of then is taken for something of now. What it let through then may still be under way.
        var version = _alone.Record.Version < 0 ? _alone.Record.Version : BreakerView.AloneGenerations;
        var underWay = _alone.UnderWay(Now);
        _alone = new BreakerCore();
        _alone.Restore(
            new BreakerRecord
            {
                Version = version,
                Cluster = new BreakerCircuit
                {
                    State = isByHand ? BreakerState.Closed : _view.State == BreakerState.LocalOpen ? BreakerState.Open : _view.State,
                    Generation = _view.Generation,
                    BreakDuration = left,
                    Reason = _view.Reason,
                },
                Override = isByHand ? new BreakerOverride { State = _view.State, Reason = _view.Reason ?? "", ExpiresAfter = expiry } : null,
                RetiredPermits = underWay,
            },
            isByHand ? expiry : null,
            settings,
            Now);
    }

    private void ShowAlone() => Show(options.FailClosed
        ? new BreakerSnapshot
        {
            State = BreakerState.Open,
            Generation = _view.Generation,
            OpenFor = UntilTheClusterIsBack,
            Reason = "The cluster cannot be reached, and FailClosed is set.",
        }
        : _alone.Snapshot(caller, Now));

    private void Show(BreakerSnapshot snapshot)
    {
        var before = _view.State;
        var isNew = snapshot.State != before;
        var counts = snapshot.Generation == _view.Generation && !isNew ? _view.Counts : new CallCounts();
        var refusal = snapshot.State == BreakerState.Isolated
            ? $"The breaker '{name}' is held open by hand: {snapshot.Reason}"
            : $"The breaker '{name}' is open: {snapshot.Reason}";
        _view = new BreakerView(snapshot.State, snapshot.Generation, Now + snapshot.OpenFor, snapshot.Reason, refusal, counts);
        if (isNew)
        {
            announcements.Announce(before, snapshot.State, snapshot.OpenFor);
            _changed.TrySetResult();
            _changed = NewSignal();
            LogStateChanged(name, snapshot.State, _isAlone, snapshot.Reason);
        }
    }

    [LoggerMessage(2001, LogLevel.Information, "Breaker '{Breaker}' is {State} here (decided alone: {IsAlone}). {Reason}")]
    private partial void LogStateChanged(string breaker, BreakerState state, bool isAlone, string? reason);

    [LoggerMessage(2002, LogLevel.Debug, "Breaker '{Breaker}' got no answer from the cluster.")]
    private partial void LogFault(Exception exception, string breaker);

    [LoggerMessage(2005, LogLevel.Warning, "Breaker '{Breaker}' gets no answer from the cluster; this process decides alone, by its own calls, until it does.")]
    private partial void LogAlone(Exception? exception, string breaker);

    [LoggerMessage(2003, LogLevel.Warning, "Breaker '{Breaker}': '{Caller}' is configured with {Differences}; the cluster goes by '{First}', which came first. Give all processes the same options.")]
    private partial void LogOtherSettings(string breaker, string caller, string differences, string? first);
}
