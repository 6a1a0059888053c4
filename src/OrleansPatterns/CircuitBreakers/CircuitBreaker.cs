using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;
using Polly.CircuitBreaker;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>One process' part of a breaker: lets calls pass or not by what it knows, and counts them.</summary>
internal sealed class CircuitBreaker : ICircuitBreaker, IBreakerObserver
{
    private static readonly Task<bool> Done = Task.FromResult(true);

    private readonly string _caller;
    private readonly IGrainFactory _grains;
    private readonly ClusterCaller _cluster;
    private readonly CircuitBreakerOptions _options;
    private readonly BreakerInstruments _instruments;
    private readonly BreakerAnnouncements _announcements;
    private readonly BreakerKnowledge _knowledge;
    private readonly BreakerReporting _reporting;
    private readonly BreakerProbing _probing;

    public CircuitBreaker(
        string name, string caller, IBreakerTransport transport, IGrainFactory grains, ClusterCaller cluster, CircuitBreakerOptions options,
        BreakerInstruments instruments, TimeProvider time, Random random, ILogger<CircuitBreaker> logger)
    {
        Name = name;
        _caller = caller;
        _grains = grains;
        _cluster = cluster;
        _options = options;
        _instruments = instruments;
        Time = time;
        var settings = BreakerSettings.From(options);
        _announcements = new BreakerAnnouncements(name, logger);
        _knowledge = new BreakerKnowledge(name, caller, options, settings, _announcements, time, random, logger);
        _reporting = new BreakerReporting(settings, options.ReportInterval, time);
        Link = new BreakerLink(name, caller, transport, _knowledge, _reporting, settings, instruments, time, logger);
        _probing = new BreakerProbing(caller, transport, Link, _knowledge, settings, options.ReportInterval, instruments, time);
    }

    public string Name { get; }

    internal TimeProvider Time { get; }

    /// <summary>The way to the cluster, which <see cref="Start"/> runs.</summary>
    internal BreakerLink Link { get; }

    /// <summary>What this process knows, and by whose word.</summary>
    internal BreakerKnowledge Knowledge => _knowledge;

    /// <summary>Completed when it has stopped.</summary>
    internal Task Running { get; private set; } = Task.CompletedTask;

    public BreakerState State =>
        _knowledge.View is { State: BreakerState.Open or BreakerState.LocalOpen, OpenUntil: var until } && _knowledge.Now >= until
            ? BreakerState.HalfOpen
            : _knowledge.View.State;

    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ExecuteAsync(static (call, token) => call(token), call, cancellationToken);
    }

    public Task ExecuteAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ExecuteAsync(
            static (call, token) => call(token) is { IsCompletedSuccessfully: false } task ? EndAsync(task) : Done, call, cancellationToken);

        static async Task<bool> EndAsync(Task task)
        {
            await task;
            return true;
        }
    }

    public Task IsolateAsync(string reason, CancellationToken cancellationToken = default) =>
        HoldAsync(new BreakerOverride { State = BreakerState.Isolated, Reason = reason }, cancellationToken);

    public async Task HoldAsync(BreakerOverride byHand, CancellationToken cancellationToken = default)
    {
        BreakerBounds.Check(byHand);
        var (signed, decisionId) = (byHand with { Author = byHand.Author ?? _caller }, Guid.NewGuid());
        _knowledge.Take(
            await _cluster.CallAsync($"hold breaker '{Name}' {byHand.State}", _ => _grains.GetBreakerGrain(Name).HoldAsync(signed, decisionId), cancellationToken),
            isAnswer: true);
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var decisionId = Guid.NewGuid();
        _knowledge.Take(
            await _cluster.CallAsync($"close breaker '{Name}'", _ => _grains.GetBreakerGrain(Name).CloseAsync(_caller, decisionId), cancellationToken),
            isAnswer: true);
    }

    public IAsyncEnumerable<BreakerState> WatchAsync(CancellationToken cancellationToken = default) => _knowledge.WatchAsync(cancellationToken);

    public Task StateChangedAsync(BreakerSnapshot snapshot)
    {
        _knowledge.Take(snapshot, isAnswer: false);
        return Task.CompletedTask;
    }

    /// <summary>Pipelines and handlers need more of a breaker than its interface has.</summary>
    /// <exception cref="ArgumentException">It is somebody else's.</exception>
    internal static CircuitBreaker Own(ICircuitBreaker breaker)
    {
        ArgumentNullException.ThrowIfNull(breaker);
        return breaker as CircuitBreaker ?? throw new ArgumentException(
            $"The breaker is a {breaker.GetType()}; give one that came from ICircuitBreakerProvider.Get.", nameof(breaker));
    }

    /// <summary>Whether a call ended because its caller gave up.</summary>
    internal static bool IsCallersOwn(Exception? exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    /// <summary>Begins to report and to hear.</summary>
    internal CircuitBreaker Start(CancellationToken stopping)
    {
        // Who happens to be the first to ask must not lend its trace or tenant to all reports.
        using (ExecutionContext.SuppressFlow())
        {
            Running = Task.Run(() => Link.RunAsync(this, stopping), CancellationToken.None);
        }

        return this;
    }

    /// <summary>Has a pipeline told of each change of state for as long as it is used.</summary>
    internal void Announce(BreakerPipeline pipeline) => _announcements.Add(pipeline);

    /// <summary>Lets a call begin, or not, by what is known here: no lock, no allocation, and no message.</summary>
    /// <remarks>Every call that passes is ended with <see cref="Complete"/> or <see cref="CompleteAsync"/>.</remarks>
    internal Admission Admit()
    {
        var view = _knowledge.View;
        return view.Passes ? new Admission(view, StartTiming())
            : view.State == BreakerState.Isolated ? Refuse(view.State, new IsolatedCircuitException(view.Refusal))
            : view.State is BreakerState.Open or BreakerState.LocalOpen && view.OpenUntil - _knowledge.Now is var left && left > TimeSpan.Zero
                ? Refuse(view.State, new BrokenCircuitException(
                    view.Refusal, _knowledge.IsAlone && _options.FailClosed ? BreakerLink.PollInterval : left))
            : default;
    }

    /// <summary>Asks the cluster whether a call may be a probe, for a second at most.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up; it had no probe.</exception>
    internal Task<Admission> AdmitProbeAsync(CancellationToken cancellationToken, bool isSynchronous = false) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<Admission>(cancellationToken)
        : isSynchronous ? Task.FromResult(Blocking.Wait(() => AwaitProbeAsync(cancellationToken)))
        : AwaitProbeAsync(cancellationToken);

    /// <summary>Counts a call that was no probe.</summary>
    internal void Complete(in Admission admission, CallOutcome outcome)
    {
        if (admission.View is { State: not BreakerState.Disabled } view && outcome != CallOutcome.Cancelled)
        {
            _reporting.Count(
                view.Counts, outcome == CallOutcome.Succeeded, IsSlow(admission));
        }
    }

    /// <summary>Counts a call; of a probe it tells the cluster, for at most a second.</summary>
    internal Task CompleteAsync(Admission admission, CallOutcome outcome, bool isSynchronous = false)
    {
        // One that succeeds too slowly does not show that the dependency is well.
        outcome = outcome == CallOutcome.Succeeded && admission.Probe is not null && IsSlow(admission) ? CallOutcome.Failed : outcome;
        if (admission.Probe is not { } probe)
        {
            Complete(admission, outcome);
        }
        else if (isSynchronous)
        {
            Blocking.Wait(() => _probing.EndAsync(probe, outcome));
        }
        else
        {
            return _probing.EndAsync(probe, outcome);
        }

        return Task.CompletedTask;
    }

    /// <summary>What an exception of a call counts as.</summary>
    internal CallOutcome Judge(Exception exception, CancellationToken cancellationToken) =>
        IsCallersOwn(exception, cancellationToken) ? CallOutcome.Cancelled
        : _options.ShouldHandle(exception) ? CallOutcome.Failed
        : CallOutcome.Succeeded;

    private async Task<Admission> AwaitProbeAsync(CancellationToken cancellationToken)
    {
        var asking = AskForProbeAsync();
        try
        {
            return await asking.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            GiveBackAsync(asking).Ignore();
            throw;
        }
    }

    private async Task GiveBackAsync(Task<Admission> asking)
    {
        if (await asking is { Probe: { } late })
        {
            await _probing.EndAsync(late, CallOutcome.Cancelled);
        }
    }

    private async Task<Admission> AskForProbeAsync()
    {
        var askUntil = _knowledge.Now + BreakerLink.PollInterval;
        if (!await _knowledge.HasHeardAsync(BreakerLink.PollInterval))
        {
            return Refuse(BreakerState.HalfOpen, new BrokenCircuitException(_knowledge.View.Refusal, BreakerLink.PollInterval));
        }

        if (Admit() is { IsDecided: true } known)
        {
            return known;
        }

        if (await _probing.TryAcquireAsync(askUntil - _knowledge.Now) is { } permit)
        {
            return new Admission(StartedAt: StartTiming(), Probe: permit);
        }

        // By now the breaker may be closed by another's probe, or opened again, or isolated.
        return Admit() is { IsDecided: true } changed
            ? changed
            : Refuse(BreakerState.HalfOpen, new BrokenCircuitException(_knowledge.View.Refusal, _probing.AskAgainIn()));
    }

    private Admission Refuse(BreakerState state, BrokenCircuitException refusal)
    {
        _instruments.Rejected(state);
        return new Admission(Refusal: refusal);
    }

    private long StartTiming() => _options.SlowCallDuration is null ? 0 : Time.GetTimestamp();

    private bool IsSlow(in Admission admission) => _options.SlowCallDuration is { } slow && Time.GetElapsedTime(admission.StartedAt) >= slow;

    private Task<T> ExecuteAsync<T, TCall>(Func<TCall, CancellationToken, Task<T>> execute, TCall call, CancellationToken cancellationToken)
    {
        var admission = Admit();
        if (admission.View is null)
        {
            return admission.Refusal is { } refusal ? Task.FromException<T>(refusal) : ProbeAsync(execute, call, cancellationToken);
        }

        var task = Begin(execute, call, cancellationToken);
        if (!task.IsCompletedSuccessfully)
        {
            return EndAsync(task, admission, cancellationToken);
        }

        // A call that is over at once costs no task of its own.
        Complete(admission, CallOutcome.Succeeded);
        return task;
    }

    private async Task<T> ProbeAsync<T, TCall>(Func<TCall, CancellationToken, Task<T>> execute, TCall call, CancellationToken cancellationToken)
    {
        var admission = await AdmitProbeAsync(cancellationToken);
        return admission.Refusal is { } refusal ? throw refusal : await EndAsync(Begin(execute, call, cancellationToken), admission, cancellationToken);
    }

    private static Task<T> Begin<T, TCall>(Func<TCall, CancellationToken, Task<T>> execute, TCall call, CancellationToken cancellationToken)
    {
        try
        {
            return execute(call, cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException<T>(exception);
        }
    }

    private async Task<T> EndAsync<T>(Task<T> task, Admission admission, CancellationToken cancellationToken)
    {
        var outcome = CallOutcome.Cancelled;
        try
        {
            var result = await task;
            outcome = CallOutcome.Succeeded;
            return result;
        }
        catch (Exception exception)
        {
            outcome = Judge(exception, cancellationToken);
            throw;
        }
        finally
        {
            await CompleteAsync(admission, outcome);
        }
    }
}
