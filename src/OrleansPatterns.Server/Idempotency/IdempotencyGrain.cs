using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Hosts <see cref="IdempotencyRules"/> for one key.</summary>
/// <remarks>
/// Keys are many and short-lived: an activation lies where its executor is, reads nothing of a key that is new, and goes after two minutes.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Idempotency)]
[PreferLocalPlacement]
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class IdempotencyGrain : Grain, IIdempotencyGrain, IWakeable
{
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(2);

    /// <summary>When to ask the database again whether a transaction is still open, however many callers come meanwhile.</summary>
    private static readonly TimeSpan OpenTransactionRetry = TimeSpan.FromSeconds(1);

    private readonly LateState<IdempotencyRecord> _state;
    private readonly ITransactionalCompletions _transactions;
    private readonly ICatalog _catalog;
    private readonly IOptions<ClusterOptions> _cluster;
    private readonly IdempotencyGrainInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResourceKey _key;

    /// <summary>Since when this activation has known the record without a renewal. See <see cref="IdempotencyRules"/>.</summary>
    private long _leaseCountedFrom;

    /// <summary>There while the record, as last written, is in progress. Completed when that ends.</summary>
    private TaskCompletionSource? _running;

    /// <summary>A write has failed: memory is not known to be true any more, and the activation goes.</summary>
    private bool _isOver;

    /// <summary>When the transaction of the last execution was found open; <see langword="null"/>: never.</summary>
    private long? _foundOpenAt;

    public IdempotencyGrain(
        IGrainContext context,
        [FromKeyedServices(StorageNames.OrleansPatterns)] IGrainStorage storage,
        ITransactionalCompletions transactions,
        ICatalog catalog,
        IOptions<ClusterOptions> cluster,
        IdempotencyGrainInstruments instruments,
        TimeProvider time,
        ILogger<IdempotencyGrain> logger)
    {
        _key = GrainKeys.UserKey(PatternNames.Idempotency, context.GrainId.Key.ToString()!);
        _state = new LateState<IdempotencyRecord>(storage, PatternNames.Idempotency, context.GrainId);
        (_transactions, _catalog, _cluster, _instruments, _time, _logger) = (transactions, catalog, cluster, instruments, time, logger);
    }

    public async Task<BeginReply> BeginAsync(BeginRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = _time.GetTimestamp();
        if (!_state.IsKnown)
        {
            // Nearly every key is new. Where it is not, the write is refused.
            var first = IdempotencyRules.Begin(_state.Record, request, leaseAge: default, _time.GetUtcNow());
            if (await TryCreateAsync(first.Record, receivedAt))
            {
                return Answer(first.Reply);
            }
        }

        var decision = IdempotencyRules.Begin(_state.Record, request, LeaseAge(receivedAt), _time.GetUtcNow());
        if (IdempotencyRules.EndsUnreported(_state.Record, decision.Record))
        {
            switch (await DecideTransactionAsync(receivedAt))
            {
                case TransactionOutcomeKind.Open:
                    return Answer(new BeginReply
                    {
                        Outcome = BeginOutcome.InProgress, ExecutionToken = _state.Record.ExecutionToken, RetryAfter = OpenTransactionRetry,
                    });
                case TransactionOutcomeKind.Committed:
                    decision = IdempotencyRules.Begin(_state.Record, request, LeaseAge(receivedAt), _time.GetUtcNow());
                    break;
            }
        }

        await CommitAsync(decision.Record, receivedAt);
        return Answer(decision.Reply);
    }

    public async Task<ExecutionClaim> RenewAsync(long executionToken)
    {
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(executionToken);
        var decision = IdempotencyRules.Renew(_state.Record, executionToken, _time.GetUtcNow());
        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> CompleteAsync(CompleteRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(request.ExecutionToken);
        var decision = IdempotencyRules.Complete(_state.Record, request, _time.GetUtcNow());
        await CommitAsync(decision.Record, receivedAt);
        LogReport(decision.Reply, _key, request.ExecutionToken);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> FailAsync(FailRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(request.ExecutionToken);
        var decision = IdempotencyRules.Fail(_state.Record, request, _time.GetUtcNow());
        if (IdempotencyRules.EndsUnreported(_state.Record, decision.Record)
            && await DecideTransactionAsync(receivedAt) != TransactionOutcomeKind.Excluded)
        {
            // The work has taken effect all the same, or still may.
            return ExecutionClaim.Stale;
        }

        await CommitAsync(decision.Record, receivedAt);
        LogReport(decision.Reply, _key, request.ExecutionToken);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> ReleaseAsync(long executionToken)
    {
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(executionToken);
        var decision = IdempotencyRules.Release(_state.Record, executionToken);
        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> SettleAsync(long executionToken)
    {
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(executionToken);
        var release = IdempotencyRules.Release(_state.Record, executionToken);
        if (!IdempotencyRules.EndsUnreported(_state.Record, release.Record))
        {
            // Somebody has settled it: with this execution's result, or without.
            return _state.Record.ExecutionToken == executionToken ? ExecutionClaim.Current : ExecutionClaim.Stale;
        }

        switch (await DecideTransactionAsync(receivedAt))
        {
            case TransactionOutcomeKind.Open:
                return ExecutionClaim.Stale;
            case TransactionOutcomeKind.Excluded:
                await CommitAsync(release.Record, receivedAt);
                break;
        }

        return ExecutionClaim.Current;
    }

    public async Task<BeginReply?> WaitAsync(string fingerprint, TimeSpan slice, CancellationToken cancellationToken = default)
    {
        IdempotencyRequests.CheckFingerprint(fingerprint, nameof(fingerprint));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slice, MaxWaitSlice);
        if (_running is { } running)
        {
            await running.Task
                .WaitAsync(slice, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return _isOver || !_state.IsKnown
            ? null
            : IdempotencyRules.News(_state.Record, fingerprint, LeaseAge(_time.GetTimestamp()), _time.GetUtcNow());
    }

    public async Task<IdempotencyStatus> GetStatusAsync()
    {
        await ReadAsync();
        return IdempotencyRules.StatusOf(_state.Record, LeaseAge(_time.GetTimestamp()), _time.GetUtcNow());
    }

    public async Task<bool> FreeAsync(long executionToken)
    {
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(executionToken);
        return await DecideForOperatorAsync(
            IdempotencyRules.Free(_state.Record, executionToken, LeaseAge(receivedAt), _time.GetUtcNow()), receivedAt);
    }

    public async Task<bool> ResolveAsync(CompleteRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = _time.GetTimestamp();
        await ReadAsync(request.ExecutionToken);
        return await DecideForOperatorAsync(
            IdempotencyRules.Resolve(_state.Record, request, LeaseAge(receivedAt), _time.GetUtcNow()), receivedAt);
    }

    private async Task<bool> DecideForOperatorAsync(Decision<IdempotencyRecord, bool> decision, long receivedAt)
    {
        if (IdempotencyRules.EndsUnreported(_state.Record, decision.Record)
            && await DecideTransactionAsync(receivedAt) != TransactionOutcomeKind.Excluded)
        {
            return false;
        }

        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    private TimeSpan LeaseAge(long now) => _time.GetElapsedTime(_leaseCountedFrom, now);

    private BeginReply Answer(BeginReply reply)
    {
        LogBegin(reply.Outcome, _key, reply.ExecutionToken);
        return reply.Outcome == BeginOutcome.Started ? reply with { ServiceId = _cluster.Value.ServiceId } : reply;
    }

    /// <summary>Asks the database about an execution whose executor is silent; what a transaction has completed is recorded.</summary>
    private async Task<TransactionOutcomeKind> DecideTransactionAsync(long receivedAt)
    {
        if (_foundOpenAt is { } foundOpenAt && _time.GetElapsedTime(foundOpenAt) < OpenTransactionRetry)
        {
            return TransactionOutcomeKind.Open;
        }

        var outcome = await _transactions.DecideAsync(_key.Value, _state.Record.ExecutionToken);
        if (outcome.Kind == TransactionOutcomeKind.Committed)
        {
            _instruments.Lost(LostExecutorOutcome.Committed);
            LogCommitted(_key, _state.Record.ExecutionToken);
            var completion = new CompleteRequest
            {
                ExecutionToken = _state.Record.ExecutionToken, Result = outcome.Result ?? [], Retention = outcome.Retention,
            };
            await CommitAsync(IdempotencyRules.Complete(_state.Record, completion, _time.GetUtcNow()).Record, receivedAt);
        }

        _foundOpenAt = outcome.Kind == TransactionOutcomeKind.Open ? _time.GetTimestamp() : null;
        return outcome.Kind;
    }

    /// <summary>
    /// Reads the record unless it is known. Whoever has a higher token got it from another activation, of which this one does not know: it must not be
    /// refused out of memory. Where the row has gone since, it is refused all the same.
    /// </summary>
    private async Task ReadAsync(long executionToken = 0)
    {
        if (_state.Record.ExecutionToken < executionToken)
        {
            _state.Forget();
        }

        if (!_state.IsKnown)
        {
            await _state.ReadAsync();

            // The record was read before this line, so whoever renewed it sent that earlier still.
            Publish(_time.GetTimestamp());
        }
    }

    private async Task<bool> TryCreateAsync(IdempotencyRecord first, long receivedAt)
    {
        try
        {
            var isCreated = await _state.TryCreateAsync(first);
            Publish(isCreated ? receivedAt : _time.GetTimestamp());
            return isCreated;
        }
        catch
        {
            End();
            throw;
        }
    }

    /// <param name="next">The record to write.</param>
    /// <param name="receivedAt">When the message came in: later than its sender began to count, earlier than the write.</param>
    private async Task CommitAsync(IdempotencyRecord next, long receivedAt)
    {
        var before = _state.Record;
        if (ReferenceEquals(next, before))
        {
            return;
        }

        try
        {
            await AnnounceParkedAsync(before, next);
            await _state.WriteAsync(next);
        }
        catch
        {
            // The write may have landed although its answer was lost; the next activation reads what really is stored.
            End();
            throw;
        }

        Publish(receivedAt);
        LogTransition(before, next);
        await ForgetParkedAsync(before, next);
    }

    private void Publish(long leaseCountedFrom)
    {
        _leaseCountedFrom = leaseCountedFrom;
        if (_state.Record.Status == ExecutionStatus.InProgress)
        {
            _running ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else
        {
            WakeWaiting();
        }
    }

    private void End()
    {
        _isOver = true;
        WakeWaiting();
        DeactivateOnIdle();
    }

    private void WakeWaiting()
    {
        _running?.TrySetResult();
        _running = null;
    }
}
