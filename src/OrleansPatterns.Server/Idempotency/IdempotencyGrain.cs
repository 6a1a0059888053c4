using Microsoft.Extensions.Logging;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Idempotency;

[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Idempotency)]
internal sealed partial class IdempotencyGrain(
    [PersistentState(PatternNames.Idempotency, StorageNames.OrleansPatterns)] IPersistentState<IdempotencyRecord> state,
    TimeProvider time,
    ILogger<IdempotencyGrain> logger) : Grain, IIdempotencyGrain
{
    private static readonly TimeSpan MaxWaitSlice = TimeSpan.FromSeconds(10);

    private ResourceKey _key;

    /// <summary>Since when this activation has known the record without a renewal. See <see cref="IdempotencyRules"/>.</summary>
    private long _leaseCountedFrom;

    /// <summary>There while the record, as last written, is in progress. Completed when that ends: the only thing that waiting calls look at.</summary>
    private TaskCompletionSource? _running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = GrainKeys.UserKey(PatternNames.Idempotency, this.GetPrimaryKeyString());

        // The record was read before this line, so whoever renewed it sent that earlier still.
        _leaseCountedFrom = time.GetTimestamp();
        Publish();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        WakeWaiting();
        return Task.CompletedTask;
    }

    public async Task<BeginReply> BeginAsync(BeginRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = time.GetTimestamp();
        var decision = IdempotencyRules.Begin(state.State, request, LeaseAge(receivedAt), time.GetUtcNow());
        await CommitAsync(decision.Record, receivedAt);
        LogBegin(decision.Reply.Outcome, _key, decision.Reply.ExecutionToken);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> RenewAsync(long executionToken)
    {
        var receivedAt = time.GetTimestamp();
        var decision = IdempotencyRules.Renew(state.State, executionToken);
        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> CompleteAsync(CompleteRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = time.GetTimestamp();
        var decision = IdempotencyRules.Complete(state.State, request, time.GetUtcNow());
        await CommitAsync(decision.Record, receivedAt);
        LogComplete(decision.Reply, _key, request.ExecutionToken);
        return decision.Reply;
    }

    public async Task<ExecutionClaim> ReleaseAsync(long executionToken)
    {
        var receivedAt = time.GetTimestamp();
        var decision = IdempotencyRules.Release(state.State, executionToken);
        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    public async Task WaitAsync(TimeSpan slice, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slice, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slice, MaxWaitSlice);
        if (_running is { } running)
        {
            // However it ends, by the record, the slice or the caller: the caller asks again and sees.
            await running.Task
                .WaitAsync(slice, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public async Task<bool> FreeAsync()
    {
        var receivedAt = time.GetTimestamp();
        var decision = IdempotencyRules.Free(state.State, LeaseAge(receivedAt), time.GetUtcNow());
        await CommitAsync(decision.Record, receivedAt);
        return decision.Reply;
    }

    private TimeSpan LeaseAge(long now) => time.GetElapsedTime(_leaseCountedFrom, now);

    /// <param name="next">The record to write.</param>
    /// <param name="receivedAt">When the message came in: later than its sender began to count, earlier than the write.</param>
    private async Task CommitAsync(IdempotencyRecord next, long receivedAt)
    {
        var before = state.State;
        if (ReferenceEquals(next, before))
        {
            return;
        }

        try
        {
            await state.CommitAsync(next, this);
        }
        catch
        {
            // This activation ends; whoever waits here would otherwise sit out the slice.
            WakeWaiting();
            throw;
        }

        _leaseCountedFrom = receivedAt;
        Publish();
        LogTransition(before, next);
    }

    private void Publish()
    {
        if (state.State.Status == ExecutionStatus.InProgress)
        {
            _running ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else
        {
            WakeWaiting();
        }
    }

    private void WakeWaiting()
    {
        _running?.TrySetResult();
        _running = null;
    }
}
