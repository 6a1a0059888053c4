using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;
using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>One process' part of a breaker: lets calls pass or not by what it knows, counts, reports, and is told.</summary>
internal sealed partial class CircuitBreaker : ICircuitBreaker, IBreakerObserver, IAsyncDisposable
{
    private static readonly TimeSpan SubscriptionRenewal = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(1);

    private readonly Guid _callerId = Guid.NewGuid();
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
    private readonly Task _reporting;

    /// <summary>Decides while the cluster is away. Guarded by the gate.</summary>
    private BreakerCore _alone = new();
    private bool _isAlone;
    private long _sequence;
    private BreakerReport? _unanswered;

    private volatile BreakerView _view = new(BreakerState.Closed, Generation: 0, TimeSpan.Zero, Reason: null, new CallCounts(0));
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _counted = NewSignal();
    private TaskCompletionSource _urgent = NewSignal();

    public CircuitBreaker(
        string name, IBreakerTransport transport, IGrainFactory grains, ClusterCaller cluster, CircuitBreakerOptions options, TimeProvider time,
        ILogger<CircuitBreaker> logger)
    {
        Name = name;
        _transport = transport;
        _grains = grains;
        _cluster = cluster;
        _options = options;
        _settings = BreakerSettings.From(options);
        _time = time;
        _logger = logger;
        _startedAt = time.GetTimestamp();
        _reporting = Task.Run(ReportAsync);
    }

    public string Name { get; }

    public BreakerState State => _view is { State: BreakerState.Open } view && Now >= view.OpenUntil ? BreakerState.HalfOpen : _view.State;

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var view = _view;
        return view.State switch
        {
            BreakerState.Closed => CallAsync(call, view.Counts, cancellationToken),
            BreakerState.Isolated => Task.FromException<T>(Isolated(view)),
            BreakerState.Open when view.OpenUntil - Now is var left && left > TimeSpan.Zero => Task.FromException<T>(Broken(view, left)),
            _ => ProbeAsync(call, cancellationToken),
        };
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

    public async Task IsolateAsync(string reason, CancellationToken cancellationToken = default)
    {
        BreakerBounds.CheckReason(reason);
        Take(await _cluster.CallAsync(
            $"isolate breaker '{Name}'", _ => _grains.GetBreakerGrain(Name).IsolateAsync(reason), cancellationToken));
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default) =>
        Take(await _cluster.CallAsync($"close breaker '{Name}'", _ => _grains.GetBreakerGrain(Name).CloseAsync(), cancellationToken));

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
        Take(snapshot);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reporting;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IsolatedCircuitException Isolated(BreakerView view) => new($"The breaker '{Name}' is held open by hand: {view.Reason}");

    private BrokenCircuitException Broken(BreakerView view, TimeSpan retryAfter) =>
        new($"The breaker '{Name}' is open: {view.Reason} Retry in {retryAfter.TotalSeconds:0.###} s.", retryAfter);

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CallCounts counts, CancellationToken cancellationToken)
    {
        try
        {
            var result = await call(cancellationToken);
            Count(counts, succeeded: true);
            return result;
        }
        catch (Exception exception) when (!IsCallersOwn(exception, cancellationToken))
        {
            Count(counts, succeeded: !_options.ShouldHandle(exception));
            throw;
        }
    }

    private static bool IsCallersOwn(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private void Count(CallCounts counts, bool succeeded)
    {
        counts.Add(succeeded);
        Volatile.Read(ref _counted).TrySetResult();
        if (!succeeded && BreakerRules.ShouldTrip(_settings, counts.Calls - counts.Failures, counts.Failures))
        {
            Volatile.Read(ref _urgent).TrySetResult();
        }
    }

    private async Task<T> ProbeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var permit = await AcquireProbeAsync();
        if (permit is null)
        {
            // By now the breaker may be closed by another's probe, or opened again, or isolated.
            var view = _view;
            return view.State switch
            {
                BreakerState.Closed => await CallAsync(call, view.Counts, cancellationToken),
                BreakerState.Isolated => throw Isolated(view),
                _ => throw Broken(view, view.OpenUntil > Now ? view.OpenUntil - Now : _options.ReportInterval),
            };
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

    /// <returns><see langword="null"/>: no probe now.</returns>
    private async Task<Permit?> AcquireProbeAsync()
    {
        try
        {
            var reply = await _transport.TryAcquireProbeAsync(_callerId, _settings);
            Take(reply.Snapshot);
            return reply.PermitId == 0 ? null : new Permit(reply.PermitId, IsAlone: false);
        }
        catch (Exception exception)
        {
            LogAlone(exception, Name);
            lock (_gate)
            {
                BeAlone();
                _alone.Apply(_alone.BeginProbing(Now), Now);
                Show(_alone.Snapshot(Now));
                return _alone.TryAcquireProbe(_settings, Now) is { PermitId: not 0 } own ? new Permit(own.PermitId, IsAlone: true) : null;
            }
        }
    }

    private async Task EndProbeAsync(Permit permit, ProbeOutcome outcome)
    {
        if (!permit.IsAlone)
        {
            try
            {
                Take(await _transport.ReportProbeAsync(permit.Id, outcome));
            }
            catch (Exception exception)
            {
                // The permit lapses, and the next probe decides.
                LogAlone(exception, Name);
            }

            return;
        }

        lock (_gate)
        {
            if (_isAlone)
            {
                _alone.Apply(_alone.EndProbe(permit.Id, outcome, _settings, Now, Random.Shared.NextDouble()), Now);
                Show(_alone.Snapshot(Now));
            }
        }
    }

    /// <summary>The cluster has spoken: what this process decided alone is over.</summary>
    private void Take(BreakerSnapshot snapshot)
    {
        lock (_gate)
        {
            if (_isAlone || snapshot.Generation > _view.Generation)
            {
                _isAlone = false;
                Show(snapshot);
            }
            else if (snapshot.Generation == _view.Generation
                && (snapshot.State != _view.State || (snapshot.OpenFor > TimeSpan.Zero && _view.OpenUntil <= Now)))
            {
                // The same state, but for longer than was told: the grain has moved, and its break begins anew.
                Show(snapshot);
            }
        }
    }

    /// <summary>Takes over from the cluster, with what it said last. Called under the gate.</summary>
    private void BeAlone()
    {
        if (!_isAlone)
        {
            _isAlone = true;
            _alone = new BreakerCore();
            _alone.Apply(
                new BreakerRecord
                {
                    State = _view.State,
                    Generation = _view.Generation,
                    BreakDuration = _view.OpenUntil > Now ? _view.OpenUntil - Now : TimeSpan.Zero,
                    Reason = _view.Reason,
                },
                Now);
        }
    }

    private void Show(BreakerSnapshot snapshot)
    {
        var counts = snapshot.Generation == _view.Generation && snapshot.State == _view.State ? _view.Counts : new CallCounts(snapshot.Generation);
        var isNew = snapshot.State != _view.State;
        _view = new BreakerView(snapshot.State, snapshot.Generation, Now + snapshot.OpenFor, snapshot.Reason, counts);
        if (isNew)
        {
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
                    subscribedAt = await TrySendAsync(() => _transport.SubscribeAsync(this)) ? Now : null;
                }

                Task changed;
                TimeSpan atMost;
                lock (_gate)
                {
                    changed = _changed.Task;
                    atMost = subscribedAt is null || _isAlone || _unanswered is not null || _view.State != BreakerState.Closed ? RepairInterval : SubscriptionRenewal;
                }

                if (await WaitForCountsAsync(atMost, changed))
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

    /// <summary>Waits until something was counted, then for the rest of the interval, unless the counts alone would open the breaker.</summary>
    /// <returns><see langword="false"/>: nothing is due yet, but the state has changed, and with it how long to wait.</returns>
    private async Task<bool> WaitForCountsAsync(TimeSpan atMost, Task changed)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var ended = await Task.WhenAny(_counted.Task, changed, Task.Delay(atMost, _time, over.Token));
        var hasCounts = _counted.Task.IsCompleted;
        if (hasCounts)
        {
            await Task.WhenAny(_urgent.Task, Task.Delay(_options.ReportInterval, _time, over.Token));
        }

        await over.CancelAsync();
        _stopping.Token.ThrowIfCancellationRequested();
        return hasCounts || ended != changed;
    }

    private async Task FlushAsync()
    {
        var view = _view;
        Volatile.Write(ref _counted, NewSignal());
        Volatile.Write(ref _urgent, NewSignal());
        var (successes, failures) = view.Counts.Take();
        var isRepair = view.State != BreakerState.Closed;
        if (_isAlone && _unanswered is null)
        {
            // The cluster was asked a moment ago, see ReportAsync. Generations made here mean nothing to it, so nothing of them is reported.
            CountAlone(view, successes, failures);
            return;
        }

        if (successes + failures == 0 && _unanswered is null && !isRepair)
        {
            return;
        }

        // A report without an answer is repeated as it is, so that it counts once; newer counts go with the next one. With the cluster away for
        // longer than a repetition they count for this process alone.
        var report = _unanswered ?? NewReport(view, successes, failures);
        var isRepeated = _unanswered is not null;
        if (await TrySendAsync(() => _transport.ReportAsync(report)))
        {
            _unanswered = null;
            if (isRepeated && successes + failures > 0 && view.Generation == report.Generation)
            {
                var next = NewReport(view, successes, failures);
                _unanswered = await TrySendAsync(() => _transport.ReportAsync(next)) ? null : next;
            }

            return;
        }

        _unanswered = isRepeated ? null : report;
        CountAlone(view, successes, failures);
    }

    private void CountAlone(BreakerView view, int successes, int failures)
    {
        lock (_gate)
        {
            BeAlone();
            _alone.Apply(
                _alone.Count(_callerId, view.Generation, successes, failures, _settings, Now, Random.Shared.NextDouble()), Now);
            Show(_alone.Snapshot(Now));
        }
    }

    private BreakerReport NewReport(BreakerView view, int successes, int failures) => new()
    {
        CallerId = _callerId,
        Sequence = ++_sequence,
        Generation = view.Generation,
        Successes = successes,
        Failures = failures,
        Settings = _settings,
    };

    private async Task<bool> TrySendAsync(Func<Task<BreakerSnapshot>> send)
    {
        try
        {
            Take(await send());
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
}
