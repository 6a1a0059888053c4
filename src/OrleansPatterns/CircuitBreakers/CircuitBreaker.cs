using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;
using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>One process' part of a breaker: lets calls pass or not by what it knows, counts, reports, and is told.</summary>
internal sealed partial class CircuitBreaker : ICircuitBreaker, IBreakerObserver, IAsyncDisposable
{
    private static readonly TimeSpan SubscriptionRenewal = TimeSpan.FromSeconds(20);

    /// <summary>How long a lost push may stay unnoticed.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any outage; each attempt to reach the cluster begins it anew.</summary>
    private static readonly TimeSpan UntilTheClusterIsBack = TimeSpan.FromDays(1);

    private readonly Guid _epoch = Guid.NewGuid();
    private readonly string _caller;
    private readonly IBreakerTransport _transport;
    private readonly IGrainFactory _grains;
    private readonly ClusterCaller _cluster;
    private readonly CircuitBreakerOptions _options;
    private readonly BreakerSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<CircuitBreaker> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly long _startedAt;
    private readonly BreakerReporting _reporting;
    private readonly Task _loop;

    /// <summary>Decides while the cluster is away. Guarded by the gate, as all of the following.</summary>
    private BreakerCore _alone = new();
    private volatile bool _isAlone;
    private long _version = -1;
    private long _sequence;
    private BreakerReport? _unanswered;
    private BreakerSettings? _warnedOf;
    private TimeSpan _askProbeAt;
    private bool _isAskingProbe;

    private volatile BreakerView _view = new(BreakerState.Closed, Generation: 0, TimeSpan.Zero, Reason: null, Refusal: "", new CallCounts());
    private TaskCompletionSource _changed = NewSignal();

    public CircuitBreaker(
        string name, string caller, IBreakerTransport transport, IGrainFactory grains, ClusterCaller cluster, CircuitBreakerOptions options,
        TimeProvider time, ILogger<CircuitBreaker> logger)
    {
        Name = name;
        _caller = caller;
        _transport = transport;
        _grains = grains;
        _cluster = cluster;
        _options = options;
        _settings = BreakerSettings.From(options);
        _time = time;
        _logger = logger;
        _startedAt = time.GetTimestamp();
        _reporting = new BreakerReporting(_settings, options.ReportInterval, time);
        _loop = Task.Run(ReportAsync);
    }

    public string Name { get; }

    public BreakerState State =>
        _view is { State: BreakerState.Open or BreakerState.LocalOpen } view && Now >= view.OpenUntil ? BreakerState.HalfOpen : _view.State;

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    private BreakerMoment Moment => new(Now, _time.GetUtcNow(), Random.Shared.NextDouble());

    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var view = _view;
        return view.Passes ? CallAsync(call, view, cancellationToken)
            : Refuse(view) is { } refusal ? Task.FromException<T>(refusal)
            : ProbeAsync(call, cancellationToken);
    }

    public Task ExecuteAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ExecuteAsync(
            async token =>
            {
                await call(token);
                return true;
            },
            cancellationToken);
    }

    public Task IsolateAsync(string reason, CancellationToken cancellationToken = default) =>
        HoldAsync(new BreakerOverride { State = BreakerState.Isolated, Reason = reason }, cancellationToken);

    public async Task HoldAsync(BreakerOverride byHand, CancellationToken cancellationToken = default)
    {
        BreakerBounds.Check(byHand);
        var signed = byHand with { Author = byHand.Author ?? _caller };
        Take(
            await _cluster.CallAsync($"hold breaker '{Name}' {byHand.State}", _ => _grains.GetBreakerGrain(Name).HoldAsync(signed), cancellationToken),
            isAnswer: true);
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default) => Take(
        await _cluster.CallAsync($"close breaker '{Name}'", _ => _grains.GetBreakerGrain(Name).CloseAsync(_caller), cancellationToken),
        isAnswer: true);

    public async IAsyncEnumerable<BreakerState> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
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

    public Task StateChangedAsync(BreakerSnapshot snapshot)
    {
        Take(snapshot, isAnswer: false);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsCallersOwn(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    /// <returns><see langword="null"/>: ask for a probe.</returns>
    private BrokenCircuitException? Refuse(BreakerView view)
    {
        if (view.State == BreakerState.Isolated)
        {
            return new IsolatedCircuitException(view.Refusal);
        }

        return view.State is BreakerState.Open or BreakerState.LocalOpen && view.OpenUntil - Now is var left && left > TimeSpan.Zero
            ? new BrokenCircuitException(view.Refusal, _isAlone && _options.FailClosed ? PollInterval : left)
            : null;
    }

    /// <remarks>A call that is over at once costs no task of its own.</remarks>
    private Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, BreakerView view, CancellationToken cancellationToken)
    {
        var startedAt = _options.SlowCallDuration is null ? 0 : _time.GetTimestamp();
        Task<T> task;
        try
        {
            task = call(cancellationToken);
        }
        catch (Exception exception)
        {
            task = Task.FromException<T>(exception);
        }

        if (!task.IsCompletedSuccessfully)
        {
            return CountAsync(task, view, startedAt, cancellationToken);
        }

        Count(view, succeeded: true, startedAt);
        return task;
    }

    private async Task<T> CountAsync<T>(Task<T> task, BreakerView view, long startedAt, CancellationToken cancellationToken)
    {
        try
        {
            var result = await task;
            Count(view, succeeded: true, startedAt);
            return result;
        }
        catch (Exception exception) when (!IsCallersOwn(exception, cancellationToken))
        {
            Count(view, succeeded: !_options.ShouldHandle(exception), startedAt);
            throw;
        }
    }

    private void Count(BreakerView view, bool succeeded, long startedAt)
    {
        if (view.State != BreakerState.Disabled)
        {
            _reporting.Count(view.Counts, succeeded, _options.SlowCallDuration is { } slow && _time.GetElapsedTime(startedAt) >= slow);
        }
    }

    private async Task<T> ProbeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (await AcquireProbeAsync() is not { } permit)
        {
            // By now the breaker may be closed by another's probe, or opened again, or isolated.
            var view = _view;
            if (view.Passes)
            {
                return await CallAsync(call, view, cancellationToken);
            }

            throw Refuse(view) ?? new BrokenCircuitException(view.Refusal, AskAgainIn());
        }

        var outcome = ProbeOutcome.Cancelled;
        try
        {
            var result = await call(cancellationToken);
            outcome = ProbeOutcome.Succeeded;
            return result;
        }
        catch (Exception exception) when (!IsCallersOwn(exception, cancellationToken))
        {
            outcome = _options.ShouldHandle(exception) ? ProbeOutcome.Failed : ProbeOutcome.Succeeded;
            throw;
        }
        finally
        {
            await EndProbeAsync(permit, outcome);
        }
    }

    private TimeSpan AskAgainIn()
    {
        lock (_gate)
        {
            return _askProbeAt > Now ? _askProbeAt - Now : _options.ReportInterval;
        }
    }

    /// <summary>One call asks at a time, and none before the time that the cluster named: a stampede of probes would be one of messages.</summary>
    /// <returns><see langword="null"/>: no probe now.</returns>
    private async Task<Permit?> AcquireProbeAsync()
    {
        lock (_gate)
        {
            if (_isAlone)
            {
                return AcquireProbeAlone();
            }

            if (_isAskingProbe || Now < _askProbeAt)
            {
                return null;
            }

            _isAskingProbe = true;
        }

        try
        {
            var reply = await _transport.TryAcquireProbeAsync(_caller, _settings);
            Take(reply.Snapshot, isAnswer: true);
            lock (_gate)
            {
                _isAskingProbe = false;
                _askProbeAt = Now + reply.RetryAfter;
            }

            return reply.PermitId == 0 ? null : new Permit(reply.PermitId, IsAlone: false);
        }
        catch (Exception exception)
        {
            LogAlone(exception, Name);
            lock (_gate)
            {
                _isAskingProbe = false;
                BeAlone();
                return AcquireProbeAlone();
            }
        }
    }

    /// <summary>Called under the gate.</summary>
    private Permit? AcquireProbeAlone()
    {
        if (_options.FailClosed)
        {
            return null;
        }

        var (next, permit, retryAfter) = _alone.AcquireProbe(_caller, _settings, Moment);
        _alone.Apply(next, _settings, Now);
        _askProbeAt = Now + retryAfter;
        ShowAlone();
        return permit == 0 ? null : new Permit(permit, IsAlone: true);
    }

    private async Task EndProbeAsync(Permit permit, ProbeOutcome outcome)
    {
        if (!permit.IsAlone)
        {
            try
            {
                Take(await _transport.ReportProbeAsync(_caller, permit.Id, outcome), isAnswer: true);
            }
            catch (Exception exception)
            {
                // The permit lapses, and the next probe decides.
                LogAlone(exception, Name);
            }
        }

        lock (_gate)
        {
            if (permit.IsAlone && _isAlone)
            {
                _alone.Apply(_alone.EndProbe(permit.Id, outcome, _settings, Moment), _settings, Now);
                ShowAlone();
            }

            // The next probe may begin. Only callers that always give up must not make a message of each attempt.
            _askProbeAt = outcome == ProbeOutcome.Cancelled ? Now + _options.ReportInterval : TimeSpan.Zero;
        }
    }

    /// <summary>The cluster has spoken: what this process decided alone is over. A push that was long under way is not the cluster's word of now.</summary>
    private void Take(BreakerSnapshot snapshot, bool isAnswer)
    {
        lock (_gate)
        {
            WarnOfOtherSettings(snapshot);
            if (snapshot.Version > _version || (_isAlone && isAnswer))
            {
                _isAlone = false;
                _version = snapshot.Version;
                Show(snapshot);
            }
            else if (snapshot.Version == _version && !_isAlone && snapshot.OpenFor > TimeSpan.Zero && _view.OpenUntil <= Now)
            {
                // The same state, but for longer than was told: the grain has moved, and its break begins anew.
                Show(snapshot);
            }
        }
    }

    private void WarnOfOtherSettings(BreakerSnapshot snapshot)
    {
        if (snapshot.OtherSettings is { } others && others != _warnedOf)
        {
            _warnedOf = others;
            LogOtherSettings(Name, _caller, _settings.DifferencesFrom(others), snapshot.OtherSettingsFrom);
        }
    }

    /// <summary>Takes over from the cluster, with what it said last. Called under the gate.</summary>
    private void BeAlone()
    {
        if (_isAlone)
        {
            return;
        }

        _isAlone = true;
        var left = _view.OpenUntil > Now ? _view.OpenUntil - Now : TimeSpan.Zero;
        var isByHand = _view.State is BreakerState.Isolated or BreakerState.ForcedClosed or BreakerState.MetricsOnly or BreakerState.Disabled;
        TimeSpan? expiry = left > TimeSpan.Zero ? left : null;
        _alone = new BreakerCore();
        _alone.Restore(
            new BreakerRecord
            {
                Version = _view.Generation,
                Cluster = new BreakerCircuit
                {
                    State = isByHand ? BreakerState.Closed : _view.State == BreakerState.LocalOpen ? BreakerState.Open : _view.State,
                    Generation = _view.Generation,
                    BreakDuration = left,
                    Reason = _view.Reason,
                },
                Override = isByHand ? new BreakerOverride { State = _view.State, Reason = _view.Reason ?? "", ExpiresAfter = expiry } : null,
            },
            isByHand ? expiry : null,
            _settings,
            Now);
    }

    /// <summary>Called under the gate.</summary>
    private void ShowAlone() => Show(_options.FailClosed
        ? new BreakerSnapshot
        {
            State = BreakerState.Open,
            Generation = _view.Generation,
            OpenFor = UntilTheClusterIsBack,
            Reason = "The cluster cannot be reached, and FailClosed is set.",
        }
        : _alone.Snapshot(_caller, Now));

    private void Show(BreakerSnapshot snapshot)
    {
        var isNew = snapshot.State != _view.State;
        var counts = snapshot.Generation == _view.Generation && !isNew ? _view.Counts : new CallCounts();
        var refusal = snapshot.State == BreakerState.Isolated
            ? $"The breaker '{Name}' is held open by hand: {snapshot.Reason}"
            : $"The breaker '{Name}' is open: {snapshot.Reason}";
        _view = new BreakerView(snapshot.State, snapshot.Generation, Now + snapshot.OpenFor, snapshot.Reason, refusal, counts);
        if (isNew)
        {
            _askProbeAt = TimeSpan.Zero;
            LogStateChanged(Name, snapshot.State, _isAlone, snapshot.Reason);
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    private async Task ReportAsync()
    {
        TimeSpan? subscribedAt = null;
        try
        {
            while (true)
            {
                if (subscribedAt is null || _isAlone || Now - subscribedAt >= SubscriptionRenewal)
                {
                    subscribedAt = await TrySendAsync(() => _transport.SubscribeAsync(_caller, _epoch, this)) ? Now : null;
                }

                Task changed;
                lock (_gate)
                {
                    changed = _changed.Task;
                }

                if (await _reporting.WaitAsync(() => _view.Counts, changed, PollInterval, _stopping.Token))
                {
                    await FlushAsync();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task FlushAsync()
    {
        var view = _view;
        var tally = view.Counts.Take();
        if (_isAlone && _unanswered is null)
        {
            // The cluster was asked a moment ago, see ReportAsync. Generations made here mean nothing to it, so nothing of them is reported.
            CountAlone(view, tally);
            return;
        }

        // A report without an answer is repeated as it is, so that it counts once; newer counts go with the next one. With the cluster away for
        // longer than a repetition they count for this process alone.
        var report = _unanswered ?? NewReport(view, tally);
        var isRepeated = _unanswered is not null;
        if (await TrySendAsync(() => _transport.ReportAsync(report)))
        {
            _unanswered = null;
            if (isRepeated && tally.Calls > 0 && view.Generation == report.Generation)
            {
                var next = NewReport(view, tally);
                _unanswered = await TrySendAsync(() => _transport.ReportAsync(next)) ? null : next;
            }

            return;
        }

        _unanswered = isRepeated || tally.Calls == 0 ? null : report;
        CountAlone(view, tally);
    }

    private void CountAlone(BreakerView view, CallTally tally)
    {
        lock (_gate)
        {
            BeAlone();
            _alone.Apply(_alone.Expire(Moment), _settings, Now);
            if (tally.Calls > 0)
            {
                _alone.Apply(_alone.Count(_caller, view.Generation, tally, _settings, Moment), _settings, Now);
            }

            ShowAlone();
        }
    }

    private BreakerReport NewReport(BreakerView view, CallTally tally) => new()
    {
        Caller = _caller,
        Epoch = _epoch,
        Sequence = ++_sequence,
        Generation = view.Generation,
        Version = Math.Max(0, Interlocked.Read(ref _version)),
        Successes = tally.Successes,
        Failures = tally.Failures,
        SlowCalls = tally.SlowCalls,
        FailureRun = tally.FailureRun,
        Settings = _settings,
    };

    private async Task<bool> TrySendAsync(Func<Task<BreakerSnapshot>> send)
    {
        try
        {
            Take(await send(), isAnswer: true);
            return true;
        }
        catch (Exception exception)
        {
            LogAlone(exception, Name);
            return false;
        }
    }

    /// <summary>The right to make one probe, from the cluster or, with the cluster away, from this process.</summary>
    private sealed record Permit(long Id, bool IsAlone);

    [LoggerMessage(2001, LogLevel.Information, "Breaker '{Breaker}' is {State} here (decided alone: {IsAlone}). {Reason}")]
    private partial void LogStateChanged(string breaker, BreakerState state, bool isAlone, string? reason);

    [LoggerMessage(2002, LogLevel.Debug, "Breaker '{Breaker}' got no answer from the cluster; this process decides alone until it does.")]
    private partial void LogAlone(Exception exception, string breaker);

    [LoggerMessage(2003, LogLevel.Warning, "Breaker '{Breaker}': '{Caller}' is configured with {Differences}; the cluster goes by '{First}', which came first. Give all processes the same options.")]
    private partial void LogOtherSettings(string breaker, string caller, string differences, string? first);
}
