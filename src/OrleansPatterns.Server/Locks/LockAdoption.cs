using System.Collections.Immutable;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>How holders live through the loss of the activation that granted them the lock from memory. Pure.</summary>
/// <remarks>
/// Until nothing can be unexpired any more that an earlier activation gave, its holders' renewals are taken over: they show what was granted
/// (<see cref="LockProof"/>). Only those who count on their hold are adopted: a waiter that is about to confirm its grant cannot know that it
/// has not lapsed and gone to the next one. A renewal may be old, and its sender may have released the lock since; that only keeps others waiting.
/// </remarks>
internal static class LockAdoption
{
    /// <summary>The state with the sender as holder, or <see langword="null"/> if it is none or no more.</summary>
    internal static LockState? TryAdopt(LockState state, LockRenewal renewal, object? contact, TimeSpan now)
    {
        var id = new LockGrantId(renewal.RequestId, renewal.FencingToken);
        if (now >= state.AdoptsUntil
            || renewal.IsConfirmation
            || id.Token > state.Inherited
            || id.Token < Math.Max(state.Record.TokenFloor, state.BreakingFloor)
            || renewal.Permits != state.Permits
            || state.Ended.Contains(id.RequestId)
            || renewal.Proof != LockProof.Of(state.Record.Secret, id))
        {
            return null;
        }

        return MakeRoom(state, renewal.Mode, id.Token) is { } room
            ? room with { Holders = Insert(room.Holders, ToHolding(id, renewal, contact, now)) }
            : null;
    }

    /// <summary>The activation that this one replaced has told who holds the lock (<see cref="LockClaims.Legacy"/>): nothing is left to wait for.</summary>
    /// <remarks>
    /// Only that of the very claim this one began with counts: between them nobody else has spoken for the lock. It comes late, twice or never. Whoever
    /// has renewed here meanwhile goes on; what both know lasts as long as either has promised.
    /// </remarks>
    internal static LockState TakeOver(LockState state, LockRecord legacy, TimeSpan now)
    {
        if (legacy.WriteId != state.InheritedWriteId || state.Permits != 0 || (now >= state.AdoptsUntil && now >= state.GrantsFrom))
        {
            return state;
        }

        return legacy.Holders
            .Select(holder => LockClaims.Restore(holder, now))
            .Aggregate(state with { AdoptsUntil = now, GrantsFrom = now }, TakeOver);
    }

    private static LockState TakeOver(LockState state, LockHolding holder)
    {
        if (state.Holder(holder.Id) is { } known)
        {
            return known.EndsAt >= holder.EndsAt ? state : state with { Holders = state.Holders.Replace(known, known with { EndsAt = holder.EndsAt }) };
        }

        if (state.Ended.Contains(holder.Id.RequestId))
        {
            return state;
        }

        // One that was broken here the activation before has not heard of, and may have gone on renewing: its promise is waited out.
        var isBroken = holder.Id.Token < Math.Max(state.Record.TokenFloor, state.BreakingFloor);
        return !isBroken && MakeRoom(LockQueue.Without(state, holder.Id.RequestId), holder.Mode, holder.Id.Token) is { } room
            ? room with { Holders = Insert(room.Holders, holder) }
            : state with { GrantsFrom = holder.EndsAt > state.GrantsFrom ? holder.EndsAt : state.GrantsFrom };
    }

    /// <summary>When there are more claims than places, the highest tokens win.</summary>
    private static LockState? MakeRoom(LockState state, LockMode mode, long token)
    {
        if (state.Permits == 0)
        {
            // Whoever granted the higher token knew that the lower one was over: it had been released, broken, or confirmed as expired.
            var others = state.Holders.RemoveAll(holder => LockQueue.MayHoldTogether(holder.Mode, mode));
            return others.Any(other => other.Id.Token > token) ? null
                : others.IsEmpty ? state
                : state with { Holders = state.Holders.RemoveRange(others) };
        }

        if (state.Holders.Length < state.Permits)
        {
            return state;
        }

        // Here it only shows that there was one place less taken. Which of the lower ones is over is not known, so the one that has to go may
        // be a true holder, and its promise is waited out before anybody new gets a place.
        var lowest = state.Holders[0];
        return lowest.Id.Token > token
            ? null
            : state with
            {
                Holders = state.Holders.RemoveAt(0),
                GrantsFrom = lowest.EndsAt > state.GrantsFrom ? lowest.EndsAt : state.GrantsFrom,
            };
    }

    private static LockHolding ToHolding(LockGrantId id, LockRenewal renewal, object? contact, TimeSpan now) => new()
    {
        Id = id,
        Owner = renewal.Owner,
        Mode = renewal.Mode,
        EndsAt = now + LockClaims.Outlast(renewal.Lease),
        Lease = renewal.Lease,
        Since = now - renewal.HeldFor,
        Contact = contact,
    };

    private static ImmutableArray<LockHolding> Insert(ImmutableArray<LockHolding> holders, LockHolding holder)
    {
        var place = holders.Length;
        while (place > 0 && holders[place - 1].Id.Token > holder.Id.Token)
        {
            place--;
        }

        return holders.Insert(place, holder);
    }
}
