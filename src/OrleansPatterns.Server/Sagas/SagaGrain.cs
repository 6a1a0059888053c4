using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Hosts <see cref="SagaRules"/> for one saga: decide, write, set the next attempt going. No method waits for a step.</summary>
/// <remarks>
/// All decisions are made in turns that do not interleave. An attempt answers through <see cref="CompleteAttemptAsync"/> like any other
/// caller. When two activations exist the ETag decides: the one that loses its write starts nothing. An attempt that it has begun before
/// goes on to its end, so a step may then run twice at the same time; that is what its idempotency key is for.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Saga)]
internal sealed partial class SagaGrain(
    [PersistentState(PatternNames.Saga, StorageNames.OrleansPatterns)] IPersistentState<SagaRecord> record,
    SagaRegistry registry,
    SagaAttemptRunner runner,
    ICatalog catalog,
    IOptions<SagaOptions> options,
    TimeProvider time,
    ILogger<SagaGrain> logger) : Grain, ISagaGrain, ISagaAttempts, IWakeable
{
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    /// <summary>Completed when waiting calls have something to look at.</summary>
    private TaskCompletionSource _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The latest status known to be durable: all that calls which interleave may see.</summary>
    private SagaStatus? _published;

    private string _sagaId = "";
    private SagaAttempt? _attempt;
    private IGrainTimer? _backOff;

    /// <summary>Whether this activation sees to it that the saga goes on.</summary>
    private bool IsAtWork => _attempt is { IsFinished: false } || _backOff is not null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _sagaId = GrainKeys.UserKey(PatternNames.Saga, this.GetPrimaryKeyString()).Value;
        _published = SagaRules.Describe(_sagaId, record.State);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _attempt?.Stop();
        _turning.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task<SagaStartReply> StartAsync(SagaStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentException.ThrowIfNullOrEmpty(start.Definition);
        ArgumentException.ThrowIfNullOrEmpty(start.DataJson);
        var outcome = SagaRules.Compare(record.State, start);
        if (outcome != SagaStartOutcome.Started)
        {
            return new SagaStartReply { Outcome = outcome, Status = _published };
        }

        if (registry.FindLatest(start.Definition) is not { } definition)
        {
            return new SagaStartReply { Outcome = SagaStartOutcome.UnknownDefinition };
        }

        SagaJson.CheckSize(_sagaId, start.DataJson, options.Value.MaxDataBytes);

        // The row first: from here on a crash at any line leaves something that is woken.
        await catalog.UpsertAsync(SagaCatalogRow.Announce(_sagaId, definition, record.State, options.Value.RecoveryInterval));
        await CommitAsync(SagaRules.Start(definition, record.State, start));
        LogStarted(_sagaId, definition.Name, definition.Version);
        return new SagaStartReply { Outcome = SagaStartOutcome.Started, Status = _published };
    }

    public Task<SagaStatus?> GetStatusAsync() => Task.FromResult(_published);

    public async Task<SagaStatus?> WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slice, MaxWaitSlice);
        if (_published is { HasEnded: false })
        {
            // However it ends, by the saga, the slice or the caller: the caller looks at the status.
            await _turning.Task
                .WaitAsync(slice, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return _published;
    }

    public async Task<SagaStatus?> CancelAsync()
    {
        var cancelled = SagaRules.Cancel(record.State);
        if (ReferenceEquals(cancelled, record.State))
        {
            return _published;
        }

        LogCancelled(_sagaId);
        if (_attempt is { IsFinished: false } attempt)
        {
            await CommitAsync(new(cancelled, SagaMove.None));
            attempt.Cancel();
        }
        else
        {
            await CommitAsync(Decide(cancelled, SagaRules.Resume));
        }

        return _published;
    }

    public async Task<SagaStatus?> RetryAsync()
    {
        var retried = SagaRules.Retry(record.State);
        if (!ReferenceEquals(retried, record.State))
        {
            LogRetried(_sagaId);
            await CommitAsync(Decide(retried, SagaRules.Resume));
        }

        return _published;
    }

    public async Task CompleteAttemptAsync(SagaAttemptReport report)
    {
        var decision = Decide(
            record.State, (definition, current) => SagaRules.Complete(definition, current, report, Random.Shared.NextDouble()));
        if (!ReferenceEquals(decision.Record, record.State))
        {
            // Over for this activation, although its runner still waits for this call to return.
            _attempt = null;
            await CommitAsync(decision);
        }
    }

    public async Task WakeAsync()
    {
        if (record.State.Phase == SagaPhase.None)
        {
            var announced = record.State.Revision;
            await CommitAsync(SagaRules.Abandon(record.State));
            await catalog.RemoveAsync(PatternNames.Saga, _sagaId, announced);
            return;
        }

        if (_published is { HasEnded: false } && !IsAtWork)
        {
            LogResumed(_sagaId);
            await CommitAsync(Decide(record.State, SagaRules.Resume));
        }

        await catalog.UpsertAsync(SagaCatalogRow.For(_sagaId, record.State, options.Value.RecoveryInterval));
    }

    private async Task EndBackOffAsync(CancellationToken cancellationToken)
    {
        StopBackOff();
        await CommitAsync(Decide(record.State, SagaRules.Resume));
    }

    private SagaDecision Decide(SagaRecord current, Func<SagaDefinition, SagaRecord, SagaDecision> rule)
    {
        var definition = registry.Find(current.Definition, current.Version);
        return SagaRules.Mismatch(definition, current) is { } reason ? SagaRules.Park(current, reason) : rule(definition!, current);
    }

    private async Task CommitAsync(SagaDecision decision)
    {
        var before = record.State.Phase;
        if (ReferenceEquals(decision.Record, record.State))
        {
            return;
        }

        try
        {
            await record.CommitAsync(decision.Record, this);
        }
        catch
        {
            // This activation ends; whoever waits here would otherwise sit out the slice, and hold its end up for as long.
            _turning.TrySetResult();
            throw;
        }

        Perform(decision.Move);
        Publish();
        if (before != decision.Record.Phase && before != SagaPhase.None)
        {
            LogPhase(_sagaId, decision.Record.Phase, decision.Record.StuckReason ?? decision.Record.CompensationReason);
            await ShowInCatalogAsync();
        }
    }

    /// <summary>Sets going what the record that has just been written says is going.</summary>
    private void Perform(SagaMove move)
    {
        StopBackOff();
        switch (move.Kind)
        {
            case SagaMoveKind.Run:
                var definition = registry.Find(record.State.Definition, record.State.Version)!;
                _attempt = runner.Start(_sagaId, definition, record.State, move);
                DelayDeactivation(definition.Steps[move.Step].Timeout + options.Value.RecoveryInterval);
                break;
            case SagaMoveKind.Wait:
                _backOff = this.RegisterGrainTimer(
                    EndBackOffAsync,
                    new GrainTimerCreationOptions(move.Delay, Timeout.InfiniteTimeSpan) { KeepAlive = true });
                break;
        }
    }

    private void StopBackOff()
    {
        _backOff?.Dispose();
        _backOff = null;
    }

    private void Publish()
    {
        _published = SagaRules.Describe(_sagaId, record.State);
        if (_published is { HasEnded: true })
        {
            _turning.TrySetResult();
        }
        else if (_turning.Task.IsCompleted)
        {
            _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>
    /// The record is written, and is the truth; a row that could not be is still due, and is repaired when its saga is woken.
    /// </summary>
    private async Task ShowInCatalogAsync()
    {
        try
        {
            await catalog.UpsertAsync(SagaCatalogRow.For(_sagaId, record.State, options.Value.RecoveryInterval));
        }
        catch (Exception exception)
        {
            LogRowFailed(exception, _sagaId);
        }
    }
}
