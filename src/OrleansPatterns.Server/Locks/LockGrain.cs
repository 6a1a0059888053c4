using Microsoft.Extensions.Logging;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Locks;

/// <summary>Hosts <see cref="LockRules"/> for one lock: decide, write, publish, answer.</summary>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Lock)]
internal sealed partial class LockGrain(
    [PersistentState(PatternNames.Lock, StorageNames.OrleansPatterns)] IPersistentState<LockRecord> record,
    TimeProvider time,
    ILogger<LockGrain> logger) : Grain, ILockGrain
{
    private readonly Dictionary<Guid, TaskCompletionSource> _parked = [];

    private long _activatedAt;
    private string _key = "";
    private IGrainTimer? _expiry;

    /// <summary>The queue after the latest decision, which may still be on its way to the database.</summary>
    private LockQueue _queue = new();

    /// <summary>The latest state known to be durable, for those who interleave.</summary>
    private LockState _published;

    private bool _isRetired;

    private TimeSpan Now => time.GetElapsedTime(_activatedAt);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = GrainKeys.UserKey(PatternNames.Lock, this.GetPrimaryKeyString()).Value;

        _activatedAt = time.GetTimestamp();
        _expiry = this.RegisterGrainTimer(SettleAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        Restore();
        return Task.CompletedTask;
    }

    public async Task<LockReply> AcquireAsync(LockRequest request)
    {
        LockBounds.Check(request);
        var reply = await DecideAsync((state, now) => LockRules.Acquire(state, request, now));
        LogAcquire(_key, request.Owner, reply.Outcome, reply.FencingToken);
        return reply;
    }

    public async Task<LockReply> WaitAsync(Guid requestId, TimeSpan slice)
    {
        LockBounds.CheckSlice(slice);
        _queue = LockRules.Hear(_queue, requestId, slice, Now);
        _published = _published with { Queue = LockRules.Hear(_published.Queue, requestId, slice, Now) };
        if (Look(requestId) is { Outcome: not LockOutcome.Queued } known)
        {
            return known;
        }

        if (!_parked.TryGetValue(requestId, out var signal))
        {
            signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _parked.Add(requestId, signal);
        }

        await signal.Task.WaitAsync(slice, time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return Look(requestId);
    }

    public async Task<RenewOutcome> RenewAsync(Guid requestId, long token, TimeSpan lease)
    {
        LockBounds.CheckLease(lease);
        await CatchUpAsync(token);
        return await DecideAsync((state, now) => LockRules.Renew(state, requestId, token, lease, now));
    }

    public async Task<ReleaseOutcome> ReleaseAsync(Guid requestId, long token)
    {
        await CatchUpAsync(token);
        var outcome = await DecideAsync((state, now) => LockRules.Release(state, requestId, token, now));
        LogRelease(_key, token, outcome);
        return outcome;
    }

    public Task CancelAsync(Guid requestId)
    {
        LockBounds.CheckRequestId(requestId);
        return DecideAsync((state, now) => new LockDecision<bool>(LockRules.Cancel(state, requestId, now), true));
    }

    public Task<LockStatus> GetStatusAsync() =>
        Task.FromResult(LockRules.Describe(_published, Now));

    private Task SettleAsync() => DecideAsync((state, now) => new LockDecision<bool>(LockRules.Settle(state, now), true));

    private async Task<TReply> DecideAsync<TReply>(Func<LockState, TimeSpan, LockDecision<TReply>> decide)
    {
        var state = new LockState(record.State, _queue);
        if (LockRules.HasExpired(state, Now))
        {
            LogExpired(_key, state.Record.Holder!.Owner, state.Record.Holder.Token);
        }

        // The queue moves on before the write, so that a waiter heard of during the write is heard of in the new queue.
        var (next, reply) = decide(state, Now);
        _queue = next.Queue;
        try
        {
            await record.CommitAsync(next.Record, this);
        }
        catch
        {
            Retire();
            throw;
        }

        Publish(new LockState(next.Record, _queue));
        return reply;
    }

    /// <summary>Reads the record again if the caller's token shows that another activation has written it since.</summary>
    /// <remarks>
    /// A replaced activation that does not know it would tell the true holder that it is none. A made-up token costs a read and changes nothing.
    /// </remarks>
    private async Task CatchUpAsync(long token)
    {
        if (token <= record.State.LastToken)
        {
            return;
        }

        var etag = record.Etag;
        await record.ReadStateAsync();
        if (record.Etag != etag)
        {
            Restore();
        }
    }

    /// <summary>Begins with a record that has just been read: the rules are safe only if they count from after the reading.</summary>
    private void Restore()
    {
        var restored = LockRules.Restore(record.State, Now);
        _queue = restored.Queue;
        Publish(restored);
    }

    /// <summary>Lets waiters whose request stands otherwise now look, and sets the timer for the holder's end.</summary>
    private void Publish(LockState state)
    {
        _published = state;
        if (_parked.Count > 0)
        {
            var waiting = state.Queue.Waiters.Select(waiter => waiter.RequestId).ToHashSet();
            foreach (var (requestId, signal) in _parked.Where(parked => !waiting.Contains(parked.Key)).ToList())
            {
                _parked.Remove(requestId);
                signal.TrySetResult();
            }
        }

        var due = state.Queue.HolderEndsAt - Now;
        _expiry?.Change(
            state.Record.Holder is null ? Timeout.InfiniteTimeSpan : due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>This activation knows nothing for certain any more: waiters are sent off to ask the next one.</summary>
    private void Retire()
    {
        _isRetired = true;
        foreach (var signal in _parked.Values)
        {
            signal.TrySetResult();
        }

        _parked.Clear();
    }

    private LockReply Look(Guid requestId) =>
        _isRetired ? new LockReply { Outcome = LockOutcome.Unknown } : LockRules.Look(_published, requestId, Now);
}
