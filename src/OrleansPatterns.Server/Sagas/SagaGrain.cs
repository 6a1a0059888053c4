using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Sagas;

/// <summary>Hosts <see cref="SagaRules"/> for one saga: decide, write, set the next attempts going. No method waits for a step.</summary>
/// <remarks>
/// All decisions are made in turns that do not interleave. An attempt answers through <see cref="CompleteAttemptAsync"/> like any other
/// caller. When two activations exist the ETag decides: the one that loses its write starts nothing. An attempt that it has begun before
/// goes on to its end, so a step may then run twice at the same time; that is what its idempotency key is for.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Saga)]
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class SagaGrain(
    [PersistentState(PatternNames.Saga, StorageNames.OrleansPatterns)] IPersistentState<SagaRecord> record,
    SagaRegistry registry,
    SagaAttemptRunner runner,
    SagaThrottle throttle,
    ICatalog catalog,
    IClusterClock clock,
    ILocalSiloDetails silo,
    IOptions<SagaOptions> options,
    TimeProvider time,
    ILogger<SagaGrain> logger) : Grain, ISagaGrain, ISagaAttempts, IWakeable
{
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(int Step, SagaDirection Direction), SagaAttempt> _attempts = [];

    /// <summary>Completed when waiting calls have something to look at.</summary>
    private TaskCompletionSource _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The latest record known to be durable: all that calls which interleave may see.</summary>
    private SagaRecord _published = new();

    private string _sagaId = "";
    private IGrainTimer? _due;
    private SagaSlot? _slot;

    /// <summary>Until when this activation has asked to stay.</summary>
    private DateTimeOffset _staysUntil;

    /// <summary>What is registered under the name and version that the saga began with.</summary>
    private SagaDefinition? Registered => registry.Find(record.State.Definition, record.State.Version);

    /// <summary>What the saga began with; null: this silo lacks it, or has changed it.</summary>
    private SagaDefinition? Definition => Registered is { } definition && SagaRules.Mismatch(definition, record.State) is null ? definition : null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _sagaId = GrainKeys.UserKey(PatternNames.Saga, this.GetPrimaryKeyString()).Value;
        _published = record.State;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        foreach (var attempt in _attempts.Values)
        {
            attempt.Stop();
        }

        _slot?.Dispose();
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
            await TryTellParentAsync();
            return new SagaStartReply { Outcome = outcome, Status = Status() };
        }

        if (registry.FindLatest(start.Definition) is not { } definition)
        {
            // Perhaps another silo has it: the next call makes an activation anywhere.
            DeactivateOnIdle();
            return new SagaStartReply { Outcome = SagaStartOutcome.UnknownDefinition };
        }

        SagaJson.CheckSize(_sagaId, start.DataJson, options.Value.MaxDataBytes);
        if (definition.CheckData(start.DataJson) is { } fault)
        {
            return new SagaStartReply { Outcome = SagaStartOutcome.InvalidData, Fault = fault };
        }

        var traced = start with { TraceParent = SagaTelemetry.Started(_sagaId, definition, start.TraceParent) };
        await CommitAsync(SagaRules.Start(definition, record.State, traced, Moment(definition)), definition);
        LogStarted(_sagaId, definition.Name, definition.Version);
        return new SagaStartReply { Outcome = SagaStartOutcome.Started, Status = Status() };
    }

    public Task<SagaStatus?> GetStatusAsync() => Task.FromResult(Status());

    public Task<SagaHistory?> GetHistoryAsync() => Task.FromResult(SagaDescription.HistoryOf(_sagaId, _published));

    public Task<SagaOutput?> GetOutputAsync() => Task.FromResult(Status() is not { } status
        ? null
        : new SagaOutput
        {
            Status = status,
            ResultJson = status.Phase == SagaPhase.Completed ? _published.ResultJson ?? _published.DataJson : null,
            DataJson = _published.DataJson,
        });

    public async Task<SagaStatus?> WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slice, MaxWaitSlice);
        if (Status() is { HasEnded: false })
        {
            // However it ends, by the saga, the slice or the caller: the caller looks at the status.
            await _turning.Task
                .WaitAsync(slice, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return Status();
    }

    public async Task<SagaSignalReply> SignalAsync(SagaSignal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        ArgumentException.ThrowIfNullOrEmpty(signal.Name);
        ArgumentException.ThrowIfNullOrEmpty(signal.PayloadJson);
        if (record.State.Phase == SagaPhase.None)
        {
            return new SagaSignalReply { Outcome = SagaSignalOutcome.NotFound };
        }

        if (SagaRules.Mismatch(Registered, record.State) is { } mismatch)
        {
            DeactivateOnIdle();
            return record.State.IsFinal
                ? new SagaSignalReply { Outcome = SagaSignalOutcome.Ended, Status = Status(), Fault = $"It is {record.State.Phase}." }
                : new SagaSignalReply { Outcome = SagaSignalOutcome.UnknownDefinition, Status = Status(), Fault = mismatch };
        }

        var definition = Definition!;
        var (decision, outcome, fault) = SagaRules.Signal(
            definition, record.State, signal, options.Value.MaxDataBytes, Moment(definition));
        await CommitAsync(decision, definition);
        return new SagaSignalReply { Outcome = outcome, Status = Status(), Fault = fault };
    }

    public async Task<SagaCancelReply> CancelAsync()
    {
        var definition = Definition;
        var (decision, outcome) = SagaRules.Cancel(definition, record.State, Moment(definition));
        if (!ReferenceEquals(decision.Record, record.State))
        {
            LogCancelled(_sagaId);
        }

        await CommitAsync(decision, definition);
        return new SagaCancelReply
        {
            Outcome = outcome,
            Status = Status(),
            Pivot = outcome == SagaCancelOutcome.TooLate && !record.State.IsFinal ? SagaRules.PivotName(definition) : null,
        };
    }

    public async Task<SagaInterventionReply> InterveneAsync(SagaIntervention intervention)
    {
        ArgumentNullException.ThrowIfNull(intervention);
        SagaOperations.Check(intervention.By, SagaIntervention.MaxByLength, nameof(intervention.By));
        SagaOperations.Check(intervention.Reason, SagaIntervention.MaxReasonLength, nameof(intervention.Reason));
        if (record.State.Phase == SagaPhase.None)
        {
            return new SagaInterventionReply { Outcome = SagaInterventionOutcome.NotFound };
        }

        var definition = Definition;
        if (definition is null)
        {
            DeactivateOnIdle();
        }

        var (decision, fault) = SagaRules.Intervene(Registered, record.State, intervention, IsAlive, Moment(definition));
        if (fault is null)
        {
            LogIntervention(_sagaId, intervention.Kind, intervention.Step, intervention.By, intervention.Reason);
        }

        await CommitAsync(decision, definition);
        return new SagaInterventionReply
        {
            Outcome = fault is null ? SagaInterventionOutcome.Done : SagaInterventionOutcome.Refused, Status = Status(), Fault = fault,
        };
    }

    private SagaStatus? Status() => SagaDescription.Of(_sagaId, _published);

    private bool IsAlive(int step, SagaDirection direction) =>
        _attempts.TryGetValue((step, direction), out var attempt) && !attempt.IsFinished;

    private SagaMoment Moment(SagaDefinition? definition) =>
        new(Now(), silo.SiloAddress.ToString(), Random.Shared.NextDouble(), MayRun(definition), options.Value.MaxHistory, options.Value.MaxDataBytes);

    /// <summary>By the clock that the silos share where there is one: a due time may have been written by another silo.</summary>
    private DateTimeOffset Now() => clock.Read() is { } shared ? shared.Earliest + ((shared.Latest - shared.Earliest) / 2) : time.GetUtcNow();

    /// <summary>Takes a place where places are few. Whether it is needed is only known after the decision; then it is given back.</summary>
    private bool MayRun(SagaDefinition? definition)
    {
        if (definition?.MaxConcurrency is null)
        {
            return true;
        }

        if (_slot is null)
        {
            var self = this.AsReference<ISagaAttempts>();
            _slot = throttle.Enter(definition, () => _ = self.ProceedAsync().ContinueWith(
                static proceeding => _ = proceeding.Exception, TaskScheduler.Default));
        }

        return _slot.IsGranted;
    }

    /// <summary>Decides by the definition that the saga began with; where that is missing or has changed, the saga is parked.</summary>
    private SagaDecision Decide(Func<SagaDefinition, SagaRecord, SagaMoment, SagaDecision> rule)
    {
        var definition = Definition;
        var moment = Moment(definition);
        return definition is null
            ? SagaRules.AwaitDefinition(record.State, SagaRules.Mismatch(Registered, record.State)!, moment)
            : rule(definition, record.State, moment);
    }

    private async Task CommitAsync(SagaDecision decision, SagaDefinition? definition)
    {
        var before = record.State;
        var next = decision.Record;
        if (ReferenceEquals(next, before))
        {
            LeaveUnlessActive(definition, next);
            ArmTimer(definition, next);
            return;
        }

        var decidedAt = time.GetTimestamp();
        try
        {
            await AnnounceAsync(before, next, definition);
            await record.CommitAsync(next, this);
        }
        catch
        {
            // This activation ends, whichever of the two has failed: attempts were let go and a place taken for what is not written. Whoever waits here
            // would otherwise sit out the slice, and hold its end up for as long.
            DeactivateOnIdle();
            _turning.TrySetResult();
            throw;
        }

        foreach (var move in decision.Runs)
        {
            _attempts[(move.Step, move.Direction)] = runner.Start(_sagaId, definition!, next, move, decidedAt);
            Stay(definition!.Steps[move.Step].Timeout + options.Value.RecoveryInterval);
        }

        Publish(next);
        if (before.CompensationReason is null && next.CompensationReason is not null)
        {
            CancelActions();
        }

        LeaveUnlessActive(definition, next);
        ArmTimer(definition, next);
        await ShowAsync(before, next, definition);
    }

    /// <summary>Each request replaces the one before, so it must not be a shorter one.</summary>
    private void Stay(TimeSpan duration)
    {
        var now = Now();
        _staysUntil = now + duration > _staysUntil ? now + duration : _staysUntil;
        DelayDeactivation(_staysUntil - now);
    }

    /// <summary>The saga turns round: what is still being done is asked to end.</summary>
    private void CancelActions()
    {
        foreach (var (_, attempt) in _attempts.Where(pair => pair.Key.Direction == SagaDirection.Action))
        {
            attempt.Cancel();
        }
    }

    private void LeaveUnlessActive(SagaDefinition? definition, SagaRecord next)
    {
        if (_slot is not null && (definition is null || !SagaRules.IsActive(definition, next)))
        {
            _slot.Dispose();
            _slot = null;
        }
    }

    /// <summary>Only for what is due soon: the rest is for the catalog, which needs no activation for it.</summary>
    private void ArmTimer(SagaDefinition? definition, SagaRecord next)
    {
        _due?.Dispose();
        _due = null;
        if (definition is not null && SagaRules.NextDue(definition, next) is { } due && due - Now() <= options.Value.RecoveryInterval)
        {
            var delay = due - Now();
            _due = this.RegisterGrainTimer(
                _ => ResumeAsync(),
                new GrainTimerCreationOptions(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        }
    }

    private void Publish(SagaRecord next)
    {
        _published = next;
        if (SagaDescription.HasEnded(next))
        {
            _turning.TrySetResult();
        }
        else if (_turning.Task.IsCompleted)
        {
            _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
