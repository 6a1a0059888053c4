using System.Collections.Immutable;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>Who gets the lock next, and beside whom. Pure.</summary>
internal static class LockQueue
{
    /// <summary>Takes out holders that are known to be over, and lets in as many waiters as may hold the lock together now.</summary>
    /// <remarks>
    /// <para>
    /// A holder that merely expired is not over. Another activation may have replaced this one and renewed it; only a write that is sent
    /// afterwards and succeeds shows that none has. A release by the holder needs no such thing.
    /// </para>
    /// <para>First come, first served, without exception: a reader behind a writer waits, so readers do not starve writers.</para>
    /// </remarks>
    /// <returns>The state, and whether the first waiter could be let in if the claim were written again.</returns>
    internal static (LockState State, bool WantsWrite) Settle(LockState state, TimeSpan now, LockTerms terms)
    {
        if (state.ConfirmedAt is { } confirmedAt && Any(state.Holders, holder => holder.EndsAt <= confirmedAt))
        {
            state = state with { Holders = state.Holders.RemoveAll(holder => holder.EndsAt <= confirmedAt) };
        }

        while (!state.Waiters.IsEmpty)
        {
            var first = state.Waiters[0];
            if (first.LapsesAt <= now || (first.Upgrades != Guid.Empty && state.HolderOf(first.Upgrades) is null))
            {
                state = state with { Waiters = state.Waiters.RemoveAt(0) };
                continue;
            }

            if (now < state.GrantsFrom || !HasRoom(state, first, holder => holder.EndsAt > now))
            {
                return (state, false);
            }

            if (!HasRoom(state, first, static _ => true)
                || IsBreaking(state, first.Upgrades)
                || !LockClaims.Covers(state, LeaseOf(first), now, terms)
                || (!terms.IsWriteThrough && (state.NextToken > state.Record.LastToken || state.Permits != state.Record.Permits)))
            {
                return (state, true);
            }

            state = LetIn(state, first, now);
        }

        return (state, false);
    }

    /// <summary>Puts a request where it belongs by the time it has waited; one that is there already never moves back.</summary>
    internal static LockState Enqueue(LockState state, LockRequest request, object? contact, TimeSpan arrivedAt)
    {
        // An upgrade goes first: its holder keeps everybody else in the queue from going in anyway.
        var since = request.Upgrades == Guid.Empty ? arrivedAt - request.WaitedFor : TimeSpan.MinValue;
        var lapsesAt = arrivedAt + request.WaitFor + LockBounds.WaitGrace;
        var index = state.IndexOfWaiter(request.RequestId);
        var waiters = state.Waiters;
        if (index >= 0)
        {
            // An attempt that was delayed on its way knows of less waiting.
            var known = waiters[index];
            since = known.WaitingSince < since ? known.WaitingSince : since;
            if (since == known.WaitingSince)
            {
                return known.LapsesAt >= lapsesAt && ReferenceEquals(known.Contact, contact)
                    ? state
                    : state with { Waiters = waiters.SetItem(index, known with { LapsesAt = Later(known.LapsesAt, lapsesAt), Contact = contact }) };
            }

            waiters = waiters.RemoveAt(index);
        }

        var place = waiters.Length;
        while (place > 0 && waiters[place - 1].WaitingSince > since)
        {
            place--;
        }

        var waiter = new LockWaiter
        {
            RequestId = request.RequestId,
            Owner = request.Owner,
            Mode = request.Mode,
            Lease = request.Lease,
            WaitingSince = since,
            LapsesAt = lapsesAt,
            IsParked = index >= 0 && state.Waiters[index].IsParked,
            Contact = contact,
            Upgrades = request.Upgrades,
        };
        return state with { Waiters = waiters.Insert(place, waiter) };
    }

    internal static LockState Park(LockState state, Guid requestId)
    {
        var index = state.IndexOfWaiter(requestId);
        return index < 0 || state.Waiters[index].IsParked
            ? state
            : state with { Waiters = state.Waiters.SetItem(index, state.Waiters[index] with { IsParked = true }) };
    }

    internal static LockState Without(LockState state, Guid requestId)
    {
        var index = state.IndexOfWaiter(requestId);
        return index < 0 ? state : state with { Waiters = state.Waiters.RemoveAt(index) };
    }

    /// <summary>When the first waiter may have its turn without anybody doing anything; <see langword="null"/>: only others can bring it about.</summary>
    internal static TimeSpan? NextTurn(LockState state, TimeSpan now)
    {
        if (state.Waiters.IsEmpty)
        {
            return null;
        }

        if (now < state.GrantsFrom)
        {
            return state.GrantsFrom;
        }

        var turn = state.Waiters[0].LapsesAt;
        foreach (var holder in state.Holders)
        {
            // One that has expired beside a living one brings nobody's turn.
            turn = holder.EndsAt > now && holder.EndsAt < turn ? holder.EndsAt : turn;
        }

        return turn;
    }

    internal static bool MayHoldTogether(LockMode one, LockMode other) =>
        one is LockMode.Read or LockMode.UpgradeableRead
        && other is LockMode.Read or LockMode.UpgradeableRead
        && (one is LockMode.Read || other is LockMode.Read);

    /// <summary>An upgrade would take the reader's hold out of the break's reach.</summary>
    private static bool IsBreaking(LockState state, Guid reader) =>
        reader != Guid.Empty && state.HolderOf(reader) is { } holder && state.Breaking.Contains(holder.Id.Token);

    private static bool HasRoom(LockState state, LockWaiter waiter, Func<LockHolding, bool> counts)
    {
        if (state.Permits > 0)
        {
            return state.Holders.Count(counts) < state.Permits;
        }

        foreach (var holder in state.Holders)
        {
            if (holder.Id.RequestId != waiter.Upgrades && !MayHoldTogether(waiter.Mode, holder.Mode) && counts(holder))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a parked waiter is still there is not known: it gets the lock for as long as a confirmation takes.</summary>
    private static TimeSpan LeaseOf(LockWaiter waiter) =>
        waiter.IsParked && waiter.Lease > LockBounds.ProvisionalLease ? LockBounds.ProvisionalLease : waiter.Lease;

    private static LockState LetIn(LockState state, LockWaiter first, TimeSpan now)
    {
        var lease = LeaseOf(first);
        var holder = new LockHolding
        {
            Id = new LockGrantId(first.RequestId, state.NextToken),
            Owner = first.Owner,
            Mode = first.Mode,
            EndsAt = now + LockClaims.Outlast(lease),
            Lease = lease,
            Since = now,
            Contact = first.Contact,
        };
        var holders = state.Holders;
        if (first.Upgrades != Guid.Empty && state.HolderOf(first.Upgrades) is { } reader)
        {
            // The reader's lease goes on: its holder counts on it until it has heard of the upgrade.
            holder = holder with { EndsAt = Later(holder.EndsAt, reader.EndsAt), Since = reader.Since, UpgradedFrom = reader.Id };
            holders = holders.Remove(reader);
        }

        return state with
        {
            NextToken = state.NextToken + 1,
            LongestLease = Later(state.LongestLease, first.Lease),
            Holders = holders.Add(holder),
            Waiters = state.Waiters.RemoveAt(0),
        };
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static bool Any(ImmutableArray<LockHolding> holders, Func<LockHolding, bool> predicate)
    {
        foreach (var holder in holders)
        {
            if (predicate(holder))
            {
                return true;
            }
        }

        return false;
    }
}
