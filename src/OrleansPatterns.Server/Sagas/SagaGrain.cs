using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;
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
/// The record is read by the first call that has to know it: nearly every start is of a new saga, whose first write says so.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Saga)]
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class SagaGrain(
    IGrainContext context,
    [FromKeyedServices(StorageNames.OrleansPatterns)] IGrainStorage storage,
    SagaRegistry registry,
    SagaAttemptRunner runner,
    SagaThrottle throttle,
    ICatalog catalog,
    IClusterClock clock,
    ILocalSiloDetails silo,
    IOptions<SagaOptions> options,
    SagaInstruments instruments,
    TimeProvider time,
    ILogger<SagaGrain> logger) : Grain, ISagaGrain, ISagaAttempts, IWakeable
{
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    private readonly LateState<SagaRecord> _state = new(storage, PatternNames.Saga, context.GrainId);
    private readonly string _sagaId = GrainKeys.UserKey(PatternNames.Saga, context.GrainId.Key.ToString()!).Value;
    private readonly Dictionary<(int Step, SagaDirection Direction), SagaAttempt> _attempts = [];

    /// <summary>Completed when waiting calls have something to look at.</summary>
    private TaskCompletionSource _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The latest record known to be durable: all that calls which interleave may see. Null: none is known.</summary>
    private SagaRecord? _published;

    /// <summary>When that was read or written.</summary>
    private long _publishedAt;

    private IGrainTimer? _due;
    private SagaSlot? _slot;

    /// <summary>Until when this activation has asked to stay.</summary>
    private DateTimeOffset _staysUntil;

    /// <summary>The record, once it has been read or written.</summary>
    private SagaRecord Record => _state.Record;

    /// <summary>What is registered under the name and version that the saga began with.</summary>
    private SagaDefinition? Registered => registry.Find(Record.Definition, Record.Version);

    /// <summary>What the saga began with; null: this silo lacks it, or has changed it.</summary>
    private SagaDefinition? Definition => Registered is { } definition && SagaRules.Mismatch(definition, Record) is null ? definition : null;

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
        SagaJson.CheckSize(_sagaId, start.DataJson, options.Value.MaxDataBytes);
        var definition = registry.FindLatest(start.Definition);
        var fault = definition?.CheckData(start.DataJson);
        if (definition is not null && fault is null && !_state.IsKnown && await TryBeginAsync(definition, start))
        {
            return new SagaStartReply { Outcome = SagaStartOutcome.Started, Status = Status() };
        }

        await ReadAsync();
        var outcome = SagaRules.Compare(Record, start);
        if (outcome != SagaStartOutcome.Started)
        {
            await TryTellParentAsync();
            return new SagaStartReply { Outcome = outcome, Status = Status() };
        }

        if (definition is null)
        {
            // Perhaps another silo has it: the next call makes an activation anywhere.
            DeactivateOnIdle();
            return new SagaStartReply { Outcome = SagaStartOutcome.UnknownDefinition };
        }

        if (fault is not null)
        {
            return new SagaStartReply { Outcome = SagaStartOutcome.InvalidData, Fault = fault };
        }

        await TryBeginAsync(definition, start);
        return new SagaStartReply { Outcome = SagaStartOutcome.Started, Status = Status() };
    }

    public async Task<SagaStatus?> GetStatusAsync() => SagaDescription.Of(_sagaId, await GetPublishedAsync());

    public async Task<SagaHistory?> GetHistoryAsync() => SagaDescription.HistoryOf(_sagaId, await GetPublishedAsync());

    public async Task<SagaOutput?> GetOutputAsync()
    {
        var published = await GetPublishedAsync();
        return SagaDescription.Of(_sagaId, published) is not { } status
            ? null
            : new SagaOutput
            {
                Status = status,
                ResultJson = status.Phase == SagaPhase.Completed ? published.ResultJson ?? published.DataJson : null,
                DataJson = published.DataJson,
            };
    }

    public async Task<SagaStatus?> WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slice, MaxWaitSlice);
        var found = await GetPublishedAsync();
        if (_published is not null && SagaDescription.Of(_sagaId, found) is { HasEnded: false })
        {
            // However it ends, by the saga, the slice or the caller: the caller looks at the status.
            await _turning.Task
                .WaitAsync(slice, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return SagaDescription.Of(_sagaId, _published ?? found);
    }

    public async Task<SagaSignalReply> SignalAsync(SagaSignal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        ArgumentException.ThrowIfNullOrEmpty(signal.Name);
        ArgumentException.ThrowIfNullOrEmpty(signal.PayloadJson);
        await ReadAsync();
        if (Record.Phase == SagaPhase.None)
        {
            return new SagaSignalReply { Outcome = SagaSignalOutcome.NotFound };
        }

        if (SagaRules.Mismatch(Registered, Record) is { } mismatch)
        {
            DeactivateOnIdle();
            return Record.IsFinal
                ? new SagaSignalReply { Outcome = SagaSignalOutcome.Ended, Status = Status(), Fault = $"It is {Record.Phase}." }
                : new SagaSignalReply { Outcome = SagaSignalOutcome.UnknownDefinition, Status = Status(), Fault = mismatch };
        }

        var definition = Definition!;
        var (decision, outcome, fault) = SagaRules.Signal(
            definition, Record, signal, options.Value.MaxDataBytes, Moment(definition));
        await CommitAsync(decision, definition);
        return new SagaSignalReply { Outcome = outcome, Status = Status(), Fault = fault };
    }

    public async Task<SagaCancelReply> CancelAsync()
    {
        await ReadAsync();
        var definition = Definition;
        var (decision, outcome) = SagaRules.Cancel(definition, Record, Moment(definition));
        if (!ReferenceEquals(decision.Record, Record))
        {
            LogCancelled(_sagaId);
        }

        await CommitAsync(decision, definition);
        return new SagaCancelReply
        {
            Outcome = outcome,
            Status = Status(),
            Pivot = outcome == SagaCancelOutcome.TooLate && !Record.IsFinal ? SagaRules.PivotName(definition) : null,
        };
    }

    public async Task<SagaInterventionReply> InterveneAsync(SagaIntervention intervention)
    {
        ArgumentNullException.ThrowIfNull(intervention);
        SagaOperations.Check(intervention.By, SagaIntervention.MaxByLength, nameof(intervention.By));
        SagaOperations.Check(intervention.Reason, SagaIntervention.MaxReasonLength, nameof(intervention.Reason));
        await ReadAsync();
        if (Record.Phase == SagaPhase.None)
        {
            return new SagaInterventionReply { Outcome = SagaInterventionOutcome.NotFound };
        }

        var definition = Definition;
        if (definition is null)
        {
            DeactivateOnIdle();
        }

        var (decision, fault) = SagaRules.Intervene(Registered, Record, intervention, IsAlive, Moment(definition));
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

    /// <summary>Reads the record, unless it is known. Only in calls that do not interleave.</summary>
    /// <remarks>That there is none is never known: another activation may have begun the saga since, and been told so by nobody.</remarks>
    private async Task ReadAsync()
    {
        if (Record.Phase == SagaPhase.None)
        {
            _state.Forget();
        }

        if (!_state.IsKnown)
        {
            await _state.ReadAsync();
            Publish(Record);
        }
    }

    /// <summary>For calls that interleave: what has to be read is read in a turn of its own, as something may be being written just now.</summary>
    private async ValueTask<SagaRecord> GetPublishedAsync()
    {
        if (IsFresh)
        {
            return _published!;
        }

        var record = await this.AsReference<ISagaAttempts>().GetRecordAsync();
        if (_published?.Revision < record.Revision)
        {
            // That was the turn of another activation: the one that everybody finds, and this is not.
            Leave(record);
        }

        return record;
    }

    /// <summary>Another activation has written since: this one ends, as it knows nothing of what runs there. Until then it shows what that has written.</summary>
    private void Leave(SagaRecord stored)
    {
        Publish(stored);
        DeactivateOnIdle();
    }

    /// <summary>
    /// Who asks again and again must not hear for ever what one of two activations read once. What is final stays as it is, unless a parent has it undone.
    /// </summary>
    private bool IsFresh => _published is { } published
        && (published is { IsFinal: true, Parent: null } || time.GetElapsedTime(_publishedAt) < options.Value.RecoveryInterval);

    private SagaStatus? Status() => SagaDescription.Of(_sagaId, Record);

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
            ? SagaRules.AwaitDefinition(Record, SagaRules.Mismatch(Registered, Record)!, moment)
            : rule(definition, Record, moment);
    }
}
