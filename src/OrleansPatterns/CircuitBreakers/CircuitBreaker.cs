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
    private readonly BreakerKnowledge _knowledge;
    private readonly BreakerReporting _reporting;
    private readonly Task _loop;

    /// <summary>Guards the two that follow.</summary>
    private readonly Lock _asking = new();
    private bool _isAskingProbe;
    private TimeSpan _askProbeAt;

    // Of the reporting loop alone.
    private long _sequence;
    private BreakerReport? _unanswered;

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
        _knowledge = new BreakerKnowledge(name, caller, options, _settings, time, logger);
        _reporting = new BreakerReporting(_settings, options.ReportInterval, time);
        _loop = Task.Run(ReportAsync);
    }

    public string Name { get; }

    public BreakerState State =>
        _knowledge.View is { State: BreakerState.Open or BreakerState.LocalOpen, OpenUntil: var until } && Now >= until
            ? BreakerState.HalfOpen
            : _knowledge.View.State;

    private TimeSpan Now => _knowledge.Now;

    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var view = _knowledge.View;
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
        _knowledge.Take(
            await _cluster.CallAsync($"hold breaker '{Name}' {byHand.State}", _ => _grains.GetBreakerGrain(Name).HoldAsync(signed), cancellationToken),
            isAnswer: true);
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default) => _knowledge.Take(
        await _cluster.CallAsync($"close breaker '{Name}'", _ => _grains.GetBreakerGrain(Name).CloseAsync(_caller), cancellationToken),
        isAnswer: true);

    public IAsyncEnumerable<BreakerState> WatchAsync(CancellationToken cancellationToken = default) => _knowledge.WatchAsync(cancellationToken);

    public Task StateChangedAsync(BreakerSnapshot snapshot)
    {
        _knowledge.Take(snapshot, isAnswer: false);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

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
            ? new BrokenCircuitException(view.Refusal, _knowledge.IsAlone && _options.FailClosed ? PollInterval : left)
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
            var view = _knowledge.View;
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
        lock (_asking)
        {
            return _askProbeAt > Now ? _askProbeAt - Now : _options.ReportInterval;
        }
    }

    /// <summary>One call asks at a time, and none before the time that the cluster named: a stampede of probes would be one of messages.</summary>
    /// <returns><see langword="null"/>: no probe now.</returns>
    private async Task<Permit?> AcquireProbeAsync()
    {
        lock (_asking)
        {
            if (_isAskingProbe || Now < _askProbeAt)
            {
                return null;
            }

            _isAskingProbe = true;
        }

        var retryAfter = TimeSpan.Zero;
        try
        {
            if (!_knowledge.IsAlone && await AskForProbeAsync() is { } reply)
            {
                _knowledge.Take(reply.Snapshot, isAnswer: true);
                retryAfter = reply.RetryAfter;
                return reply.PermitId == 0 ? null : new Permit(reply.PermitId, IsAlone: false);
            }

            return _knowledge.AcquireProbeAlone() is not 0 and var own ? new Permit(own, IsAlone: true) : null;
        }
        finally
        {
            lock (_asking)
            {
                (_isAskingProbe, _askProbeAt) = (false, Now + retryAfter);
            }
        }
    }

    /// <summary>Asks once more if the answer is a fault: an activation that another has overtaken knows it only by its write, and the next one will do.</summary>
    /// <returns><see langword="null"/>: the cluster is away.</returns>
    private async Task<ProbeReply?> AskForProbeAsync()
    {
        for (var isRepeated = false; ; isRepeated = true)
        {
            try
            {
                return await _transport.TryAcquireProbeAsync(_caller, _settings);
            }
            catch (Exception exception)
            {
                LogAlone(exception, Name);
                if (isRepeated || exception is TimeoutException)
                {
                    return null;
                }
            }
        }
    }

    private async Task EndProbeAsync(Permit permit, ProbeOutcome outcome)
    {
        if (permit.IsAlone)
        {
            _knowledge.EndProbeAlone(permit.Id, outcome);
        }
        else
        {
            // Without an answer the permit lapses, and the next probe decides.
            await TrySendAsync(() => _transport.ReportProbeAsync(_caller, permit.Id, outcome));
        }

        lock (_asking)
        {
            // The next probe may begin. Only callers that always give up must not make a message of each attempt.
            _askProbeAt = outcome == ProbeOutcome.Cancelled ? Now + _options.ReportInterval : TimeSpan.Zero;
        }
    }

    private async Task ReportAsync()
    {
        TimeSpan? subscribedAt = null;
        try
        {
            while (true)
            {
                if (subscribedAt is null || _knowledge.IsAlone || Now - subscribedAt >= SubscriptionRenewal)
                {
                    subscribedAt = await TrySendAsync(() => _transport.SubscribeAsync(_caller, _epoch, this)) ? Now : null;
                }

                if (await _reporting.WaitAsync(() => _knowledge.View.Counts, _knowledge.Changed, PollInterval, _stopping.Token))
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
        var view = _knowledge.View;
        var tally = view.Counts.Take();
        if (_knowledge.IsAlone && _unanswered is null)
        {
            // The cluster was asked a moment ago, see ReportAsync. Generations made here mean nothing to it, so nothing of them is reported.
            _knowledge.CountAlone(view, tally);
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
        _knowledge.CountAlone(view, tally);
    }

    private BreakerReport NewReport(BreakerView view, CallTally tally) => new()
    {
        Caller = _caller,
        Epoch = _epoch,
        Sequence = ++_sequence,
        Generation = view.Generation,
        Version = _knowledge.Version,
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
            _knowledge.Take(await send(), isAnswer: true);
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

    [LoggerMessage(2002, LogLevel.Debug, "Breaker '{Breaker}' got no answer from the cluster; this process decides alone until it does.")]
    private partial void LogAlone(Exception exception, string breaker);
}
