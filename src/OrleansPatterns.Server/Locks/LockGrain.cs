using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>Hosts <see cref="LockRules"/> for one lock: decides in memory, under a claim that it keeps written.</summary>
/// <remarks>
/// Reentrant: calls that wait, for their turn or for a write, let others in. Every decision is made and published without an await in between,
/// on the state as it is then; after a wait it is made anew.
/// </remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Lock)]
[Reentrant]
internal sealed partial class LockGrain(
    [PersistentState(PatternNames.Lock, StorageNames.OrleansPatterns)] IPersistentState<LockRecord> record,
    IClusterClock clock,
    IOptions<LockOptions> options,
    ICatalog catalog,
    LockSilo silo,
    TimeProvider time,
    LockGrainInstruments instruments,
    ILogger<LockGrain> logger) : Grain, ILockGrain, ILockSuccession
{
    private readonly Dictionary<Guid, TaskCompletionSource> _parked = [];

    private long _activatedAt;
    private string _key = "";
    private LockTerms _terms;
    private LockState _state = null!;
    private IGrainTimer? _turn;
    private TimeSpan? _turnAt;
    private bool _isTakingTurns;

    /// <summary>A turn came while others were being taken.</summary>
    private bool _isTurnDue;

    private TimeSpan Now => time.GetElapsedTime(_activatedAt);

    /// <summary>For what is claimed from now on, so its own clock first: a pause between the two readings then only lengthens what is claimed.</summary>
    private LockMoment Moment => new(Now, clock.Read());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = GrainKeys.UserKey(PatternNames.Lock, this.GetPrimaryKeyString()).Value;
        _terms = new LockTerms(
            options.Value.Durability == LockDurability.WriteThrough, options.Value.GrantHorizon, options.Value.TokenBlock);
        _activatedAt = time.GetTimestamp();
        _turn = this.RegisterGrainTimer(
            TakeTurnsAsync,
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });

        // The cluster's clock first: a pause between the two readings then only prolongs the wait.
        var cluster = clock.Read();
        _state = LockClaims.Restore(record.State, new LockMoment(Now, cluster), secret: Guid.NewGuid(), options.Value.FirstToken);
        if (_state.GrantsFrom > Now)
        {
            instruments.Recovering(_state.GrantsFrom - Now);
            LogRecovering(_key, _state.GrantsFrom - Now);
        }

        return Task.CompletedTask;
    }

    /// <summary>Leaves a record by which the next activation need not wait. Best effort: after a crash it waits.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!_isRetired && _state.ConfirmedAt is not null && !_terms.IsWriteThrough)
        {
            // From here on nothing may change any more, or the record would not be exact.
            Retire();
            try
            {
                await StoreAsync(LockClaims.Exact(_state, Moment, Guid.NewGuid()));
            }
            catch (Exception exception)
            {
                LogNotHandedOn(exception, _key);
            }
        }

        if (_legacy is { } legacy)
        {
            // Not before: while this activation runs, a message to the lock would find this one.
            this.AsReference<ILockSuccession>().TakeOverAsync(legacy).Ignore();
        }
    }

    public async Task<LockReply> AcquireAsync(LockRequest request)
    {
        LockBounds.Check(request);
        var arrivedAt = Now;
        var wasQueued = false;
        LockReply? reply;
        try
        {
            reply = await DecideAsync((state, now) =>
            {
                if (wasQueued && state.IndexOfWaiter(request.RequestId) < 0 && state.HolderOf(request.RequestId) is null)
                {
                    // Withdrawn while a write was under way, or lapsed. Whoever is still there asks again.
                    return new LockDecision<LockReply?>(state, LockRules.Look(state, request.RequestId, now));
                }

                var decision = LockRules.Acquire(state, request, request.Observer, arrivedAt, now, _terms);
                wasQueued = decision.Next.IndexOfWaiter(request.RequestId) >= 0;
                return decision;
            });
        }
        catch
        {
            // Whether it comes again is not known. One that does not wait was in the queue for the time of the write only.
            _state = request.WaitFor == TimeSpan.Zero
                ? LockQueue.Without(_state, request.RequestId)
                : LockQueue.Park(_state, request.RequestId);
            throw;
        }

        if (reply is null)
        {
            throw new LockKindException(_key, _state.Permits, request.Permits);
        }

        if (reply.Outcome == LockOutcome.Queued)
        {
            if (_state.IndexOfWaiter(request.RequestId) >= 0)
            {
                await ParkAsync(request.RequestId, request.WaitFor - (Now - arrivedAt));
            }

            reply = LockRules.Look(_state, request.RequestId, Now);
        }

        LogAcquire(_key, request.Owner, reply.Outcome, reply.FencingToken);
        return reply;
    }

    public async Task<LockRenewalReply> RenewAsync(LockRenewal renewal)
    {
        LockBounds.Check(renewal);
        var arrivedAt = Now;
        var outcome = await DecideAsync((state, now) => LockRules.Renew(state, renewal, renewal.Observer, arrivedAt, now, _terms));
        ShowRow();
        return new LockRenewalReply { Outcome = outcome, Silo = silo.Key };
    }

    public async Task<ReleaseOutcome> ReleaseAsync(Guid requestId, long fencingToken)
    {
        var arrivedAt = Now;
        var outcome = await DecideAsync(
            (state, now) => LockRules.Release(state, new LockGrantId(requestId, fencingToken), arrivedAt, now, _terms));
        LogRelease(_key, fencingToken, outcome);
        return outcome;
    }

    public Task ReleaseOneWayAsync(Guid requestId, long fencingToken) => ReleaseAsync(requestId, fencingToken);

    public async Task CancelAsync(Guid requestId)
    {
        LockBounds.CheckRequestId(requestId);
        await DecideAsync((state, now) => new LockDecision<bool>(LockRules.Cancel(state, requestId, now, _terms), true));
    }

    public async Task<int> BreakAsync(long fencingToken, bool andEarlier = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fencingToken);
        await UndecidedAsync();
        ThrowIfRetired();
        var arrivedAt = Now;
        var (next, broken, _) = LockRules.Break(_state, fencingToken, arrivedAt, andEarlier);
        Publish(next);
        while (!LockRules.IsBroken(_state, arrivedAt))
        {
            await WriteAsync();
            ThrowIfRetired();
        }

        instruments.Broken(broken.Length);
        foreach (var holder in broken)
        {
            LogBroken(_key, holder.Owner, holder.Id.Token);
            Tell(holder, holder.Id.RequestId);
            if (holder.UpgradedFrom is { } reader)
            {
                // Its holder may not have heard of the upgrade yet.
                Tell(holder, reader.RequestId);
            }
        }

        return broken.Count(holder => arrivedAt < holder.EndsAt);

        static void Tell(LockHolding holder, Guid requestId) => _ = (holder.Contact as ILockObserver)?.BrokenAsync(requestId);
    }

    public Task<LockStatus> GetStatusAsync() => Task.FromResult(LockRules.Describe(_state, Now));

    private async ValueTask<TReply> DecideAsync<TReply>(Func<LockState, TimeSpan, LockDecision<TReply>> decide)
    {
        while (true)
        {
            await UndecidedAsync();
            ThrowIfRetired();
            var decision = decide(_state, Now);
            if (_terms.IsWriteThrough && (decision.NeedsWrite || decision.Next.Holders != _state.Holders))
            {
                await WriteAsync(decision.Next);
                if (decision.NeedsWrite)
                {
                    continue;
                }

                return decision.Reply;
            }

            if (decision.NeedsWrite)
            {
                Publish(decision.Next);
                await WriteAsync();
                continue;
            }

            Publish(decision.Next);
            WriteAheadIfDue();
            return decision.Reply;
        }
    }

    /// <summary>With <see cref="LockDurability.WriteThrough"/> a decision under way may still fail, so nothing can be based on it before its end.</summary>
    private async ValueTask UndecidedAsync()
    {
        while (_terms.IsWriteThrough && !_write.IsCompleted)
        {
            await _write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Lets in those whose turn has come without anybody having called: a holder has expired, or the wait after a crash is over.</summary>
    private async Task TakeTurnsAsync()
    {
        _turnAt = null;
        if (_isTakingTurns || _isRetired)
        {
            _isTurnDue = true;
            return;
        }

        (_isTakingTurns, _isTurnDue) = (true, false);
        try
        {
            await DecideAsync((state, now) =>
            {
                var (next, wantsWrite) = LockQueue.Settle(state, now, _terms);
                return new LockDecision<bool>(next, true, wantsWrite);
            });
        }
        catch (Exception exception)
        {
            LogNotWritten(exception, _key);
            SetTurn(Now + RetryDelay);
            _isTurnDue = false;
        }
        finally
        {
            _isTakingTurns = false;
            if (_isTurnDue && !_isRetired)
            {
                SetTurn(Now);
            }
        }
    }

    private async Task ParkAsync(Guid requestId, TimeSpan slice)
    {
        if (slice <= TimeSpan.Zero)
        {
            return;
        }

        ShowRow();
        if (!_parked.TryGetValue(requestId, out var signal))
        {
            signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _parked.Add(requestId, signal);
        }

        await signal.Task.WaitAsync(slice, time, silo.Stopping)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (silo.Stopping.IsCancellationRequested)
        {
            // Orleans waits for calls under way before it deactivates a grain; the caller finds the next activation.
            throw new SiloUnavailableException($"The silo of lock '{_key}' is stopping.");
        }
    }

    /// <summary>The state as it is from now on, seen by every call at once.</summary>
    private void Publish(LockState next)
    {
        var before = _state;
        _state = next;
        if (_parked.Count > 0)
        {
            WakeParked(before, next);
        }

        if (next.Waiters.IsEmpty || _isRetired)
        {
            return;
        }

        var (settled, wantsWrite) = LockQueue.Settle(next, Now, _terms);
        if (wantsWrite || settled.NextToken != next.NextToken)
        {
            _ = TakeTurnsAsync();
        }
        else if (LockQueue.NextTurn(next, Now) is { } turnAt)
        {
            SetTurn(turnAt);
        }
    }

    private void WakeParked(LockState before, LockState next)
    {
        var woken = 0;
        for (var index = next.Holders.Length - 1; index >= 0 && next.Holders[index].Id.Token >= before.NextToken; index--)
        {
            woken += Wake(next.Holders[index].Id.RequestId);
        }

        if (before.Waiters.Length - next.Waiters.Length > woken)
        {
            // Some were withdrawn or have lapsed.
            foreach (var requestId in _parked.Keys.Where(requestId => next.IndexOfWaiter(requestId) < 0).ToList())
            {
                Wake(requestId);
            }
        }
    }

    private int Wake(Guid requestId)
    {
        if (!_parked.Remove(requestId, out var signal))
        {
            return 0;
        }

        signal.TrySetResult();
        return 1;
    }

    /// <summary>A turn that comes too early finds nothing to do and sets the next one, so only an earlier instant moves the timer.</summary>
    private void SetTurn(TimeSpan at)
    {
        if (_turnAt is { } set && set <= at)
        {
            return;
        }

        _turnAt = at;
        var due = at - Now;
        _turn?.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
