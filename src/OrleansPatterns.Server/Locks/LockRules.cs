using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>Who gets the lock. Pure: <c>now</c> is the activation's monotonic clock.</summary>
/// <remarks>
/// <para>Why no two holders are ever unexpired by their own counts, even with two activations and without synchronized clocks:</para>
/// <list type="number">
/// <item>A holder counts its lease from before it sent the call that was granted or renewed, so its count ends no later than that of the
/// activation that decided the call, which counts from the decision.</item>
/// <item>Every grant, renewal and release is written, checked against the ETag, before it is answered. An activation that did not itself
/// decide the holder's last renewal counts the holder's full lease anew from after it <em>read</em> the record (<see cref="Restore"/>).</item>
/// <item>Taking over is such a write too. If it succeeds, nothing was written since the activation's last read or write. So the holder's last
/// answered renewal was written, and hence sent, before that, and the holder's own count is over. A renewal that is still under way will fail
/// its ETag check and is never answered.</item>
/// <item>Monotonic clocks agree on durations only up to their rates: <see cref="Outlast"/> waits 1 % longer than the holder counts.</item>
/// </list>
/// <para>
/// Tokens only grow because each grant writes a higher one to a row that is never cleared. A token at or below <see cref="LockRecord.LastToken"/>
/// that is not the holder's is therefore over for good; one above it was granted by an activation that has written since this one read.
/// </para>
/// </remarks>
internal static class LockRules
{
    /// <summary>How many ended requests are remembered: enough for calls that were overtaken on their way.</summary>
    private const int MaxEnded = 32;

    /// <summary>What a fresh activation may assume of a record it has just read: that the holder renewed a moment ago.</summary>
    public static LockState Restore(LockRecord record, TimeSpan now) =>
        new(record, new LockQueue { HolderEndsAt = record.Holder is { } holder ? now + Outlast(holder.Lease) : now });

    public static LockDecision<LockReply> Acquire(LockState state, LockRequest request, TimeSpan now)
    {
        state = Settle(state, now);
        if (state.Record.Holder is { } holder && holder.RequestId == request.RequestId)
        {
            // The answer to an earlier attempt may have been lost. The caller counts its lease from the sending of this one, so it is a renewal.
            return new(Prolong(state, holder, request.Lease, now), Granted(holder));
        }

        if (state.Queue.Ended.Contains(request.RequestId))
        {
            return new(state, new LockReply { Outcome = LockOutcome.Busy });
        }

        if (state.Record.Holder is null)
        {
            // Nobody waits either: Settle would have granted it to them.
            var granted = Grant(state, request.RequestId, request.Owner, request.Lease, now);
            return new(granted, Granted(granted.Record.Holder!));
        }

        return request.Wait
            ? new(Enqueue(state, request, now), new LockReply { Outcome = LockOutcome.Queued })
            : new(state, new LockReply { Outcome = LockOutcome.Busy });
    }

    public static LockDecision<RenewOutcome> Renew(LockState state, Guid requestId, long token, TimeSpan lease, TimeSpan now)
    {
        state = Settle(state, now);
        return state.Record.Holder is { } holder && holder.RequestId == requestId && holder.Token == token
            ? new(Prolong(state, holder, lease, now), RenewOutcome.Renewed)
            : new(state, RenewOutcome.NotHolder);
    }

    public static LockDecision<ReleaseOutcome> Release(LockState state, Guid requestId, long token, TimeSpan now)
    {
        state = Settle(state, now);
        return state.Record.Holder is { } holder && holder.RequestId == requestId && holder.Token == token
            ? new(Settle(End(Vacate(state), requestId), now), ReleaseOutcome.Released)
            : new(state, ReleaseOutcome.NotHolder);
    }

    /// <summary>Withdraws a request wherever it stands; one that is unknown may still be under way.</summary>
    public static LockState Cancel(LockState state, Guid requestId, TimeSpan now)
    {
        state = Settle(state, now);
        state = End(Without(state, requestId), requestId);
        return state.Record.Holder?.RequestId == requestId ? Settle(Vacate(state), now) : state;
    }

    /// <summary>Takes the lock from a holder whose lease is over, and hands a free lock to the first waiter.</summary>
    /// <remarks>Every command begins with it, so that no newcomer overtakes the queue and no expired holder is taken for one.</remarks>
    public static LockState Settle(LockState state, TimeSpan now)
    {
        if (HasExpired(state, now))
        {
            state = Vacate(state);
        }

        if (state.Record.Holder is not null || state.Queue.Waiters.IsEmpty)
        {
            return state;
        }

        var waiters = state.Queue.Waiters.RemoveAll(waiter => waiter.LapsesAt <= now);
        if (waiters.IsEmpty)
        {
            return state with { Queue = state.Queue with { Waiters = waiters } };
        }

        // Whether the waiter is still there is not known: it gets the lock for as long as a confirmation takes.
        var first = waiters[0];
        var provisional = first.Lease < LockBounds.ProvisionalLease ? first.Lease : LockBounds.ProvisionalLease;
        state = state with { Queue = state.Queue with { Waiters = waiters.RemoveAt(0) } };
        return Grant(state, first.RequestId, first.Owner, provisional, now);
    }

    /// <summary>A waiter has been heard of: it stays in the queue for a slice and the grace.</summary>
    public static LockQueue Hear(LockQueue queue, Guid requestId, TimeSpan slice, TimeSpan now)
    {
        var index = IndexOf(queue, requestId);
        return index < 0
            ? queue
            : queue with { Waiters = queue.Waiters.SetItem(index, queue.Waiters[index] with { LapsesAt = now + slice + LockBounds.WaitGrace }) };
    }

    /// <summary>Where a request stands, for one who waits. Decides nothing.</summary>
    public static LockReply Look(LockState state, Guid requestId, TimeSpan now) =>
        state.Record.Holder is { } holder && holder.RequestId == requestId && !HasExpired(state, now) ? Granted(holder)
        : IndexOf(state.Queue, requestId) >= 0 ? new LockReply { Outcome = LockOutcome.Queued }
        : new LockReply { Outcome = LockOutcome.Unknown };

    public static LockStatus Describe(LockState state, TimeSpan now)
    {
        var holder = HasExpired(state, now) ? null : state.Record.Holder;
        return new LockStatus
        {
            IsHeld = holder is not null,
            Owner = holder?.Owner,
            FencingToken = state.Record.LastToken,
            ExpiresIn = holder is null ? null : state.Queue.HolderEndsAt - now,
            Waiters = state.Queue.Waiters.Count(waiter => waiter.LapsesAt > now),
        };
    }

    public static bool HasExpired(LockState state, TimeSpan now) => state.Record.Holder is not null && now >= state.Queue.HolderEndsAt;

    /// <summary>How long an activation waits out a lease that another machine counts: clock rates may differ by up to 1 %.</summary>
    private static TimeSpan Outlast(TimeSpan lease) => lease + (lease / 100);

    private static LockState Grant(LockState state, Guid requestId, string owner, TimeSpan lease, TimeSpan now)
    {
        var token = state.Record.LastToken + 1;
        var holder = new LockHolder { RequestId = requestId, Token = token, Owner = owner, Lease = lease };
        return new(state.Record with { LastToken = token, Holder = holder }, state.Queue with { HolderEndsAt = now + Outlast(lease) });
    }

    private static LockState Prolong(LockState state, LockHolder holder, TimeSpan lease, TimeSpan now)
    {
        // A promise is never shortened: the holder may count on the longer lease of an earlier renewal and not even have had this answer.
        var promised = lease > holder.Lease ? lease : holder.Lease;
        return new(
            state.Record with { Revision = state.Record.Revision + 1, Holder = holder with { Lease = promised } },
            state.Queue with { HolderEndsAt = now + Outlast(promised) });
    }

    private static LockState Vacate(LockState state) => state with { Record = state.Record with { Holder = null } };

    private static LockState Enqueue(LockState state, LockRequest request, TimeSpan now)
    {
        // Never later than before: an attempt that was delayed on its way knows of less waiting.
        var index = IndexOf(state.Queue, request.RequestId);
        var since = now - request.WaitedFor;
        since = index >= 0 && state.Queue.Waiters[index].WaitingSince < since ? state.Queue.Waiters[index].WaitingSince : since;

        var waiters = index >= 0 ? state.Queue.Waiters.RemoveAt(index) : state.Queue.Waiters;
        var place = waiters.Length;
        while (place > 0 && waiters[place - 1].WaitingSince > since)
        {
            place--;
        }

        var waiter = new LockWaiter(request.RequestId, request.Owner, request.Lease, since, LapsesAt: now + LockBounds.WaitGrace);
        return state with { Queue = state.Queue with { Waiters = waiters.Insert(place, waiter) } };
    }

    private static LockState Without(LockState state, Guid requestId)
    {
        var index = IndexOf(state.Queue, requestId);
        return index < 0 ? state : state with { Queue = state.Queue with { Waiters = state.Queue.Waiters.RemoveAt(index) } };
    }

    private static LockState End(LockState state, Guid requestId)
    {
        var ended = state.Queue.Ended;
        if (ended.Contains(requestId))
        {
            return state;
        }

        ended = (ended.Length < MaxEnded ? ended : ended.RemoveAt(0)).Add(requestId);
        return state with { Queue = state.Queue with { Ended = ended } };
    }

    private static int IndexOf(LockQueue queue, Guid requestId)
    {
        for (var index = 0; index < queue.Waiters.Length; index++)
        {
            if (queue.Waiters[index].RequestId == requestId)
            {
                return index;
            }
        }

        return -1;
    }

    private static LockReply Granted(LockHolder holder) => new() { Outcome = LockOutcome.Granted, FencingToken = holder.Token };
}
