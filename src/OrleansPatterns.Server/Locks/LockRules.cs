using System.Collections.Immutable;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>What a lock answers. Pure: <c>now</c> is the activation's monotonic clock, <c>arrivedAt</c> is when the call came.</summary>
/// <remarks>
/// <para>Why no two holders that exclude each other are ever unexpired by their own counts, even with two activations:</para>
/// <list type="number">
/// <item>A holder counts its lease from before it sent the call that was granted or renewed, so its count ends no later than the activation's,
/// which counts from the decision. Past its own count it is lost for good.</item>
/// <item>One activation by itself lets nobody in beside a holder before that holder has released the lock, was broken, or has expired and a
/// later write has shown that no other activation renewed it (<see cref="LockQueue.Settle"/>).</item>
/// <item>What an earlier activation granted is over before a later one grants anything (<see cref="LockClaims"/>), or has been adopted by it
/// (<see cref="LockAdoption"/>).</item>
/// </list>
/// <para>A grant after waiting is provisional: the waiter may be gone, and does not know when its lease began. It counts two seconds from the
/// sending of its call, or confirms first.</para>
/// <para>
/// A refusal is as binding as a grant, since the holder gives up by it. So an activation says that a caller holds nothing only after a write
/// that was sent after the call came: one that has been replaced without knowing it would say so to the true holder.
/// </para>
/// </remarks>
internal static class LockRules
{
    /// <summary>How many ended requests are remembered: enough for calls that were overtaken on their way.</summary>
    private const int MaxEnded = 32;

    /// <summary>How many waiters people are shown.</summary>
    private const int MaxListed = 1_000;

    private static readonly LockReply Busy = new() { Outcome = LockOutcome.Busy };
    private static readonly LockReply Queued = new() { Outcome = LockOutcome.Queued };

    /// <returns>The reply is <see langword="null"/> when the name is in use as something else.</returns>
    public static LockDecision<LockReply?> Acquire(
        LockState state, LockRequest request, object? contact, TimeSpan arrivedAt, TimeSpan now, LockTerms terms)
    {
        foreach (var release in request.Releases)
        {
            var id = new LockGrantId(release.RequestId, release.FencingToken);
            state = state.Holder(id) is { } released ? EndHold(state, released)
                : MayHoldByAnEarlierGrant(state, id, now) ? End(state, id.RequestId)
                : state;
        }

        (state, _) = LockQueue.Settle(state, now, terms);
        if (state.HolderOf(request.RequestId) is { } holder)
        {
            return Repeat(state, holder, request, contact, now, terms);
        }

        if (state.Ended.Contains(request.RequestId)
            || state.Holders.Any(writer => writer.UpgradedFrom?.RequestId == request.RequestId)
            || (request.Upgrades != Guid.Empty && !MayUpgrade(state, request.Upgrades, now)))
        {
            return new(LockQueue.Without(state, request.RequestId), Busy);
        }

        if (request.Permits != state.Permits)
        {
            var isHeldByLiving = state.Holders.Any(other => other.EndsAt > now);
            if (isHeldByLiving || now < state.GrantsFrom || state.Waiters.Any(waiter => waiter.LapsesAt > now))
            {
                return new(state, null);
            }

            if (!state.Holders.IsEmpty)
            {
                return new(state, null, NeedsWrite: true);
            }

            state = state with { Permits = request.Permits };
        }

        state = LockQueue.Enqueue(state, request, contact, arrivedAt) with { LongestLease = Longer(state.LongestLease, request.Lease) };
        (state, var wantsWrite) = LockQueue.Settle(state, now, terms);
        if (state.HolderOf(request.RequestId) is { } granted)
        {
            return new(state, Granted(state, granted));
        }

        if (wantsWrite || (state.ConfirmedAt is null && !terms.IsWriteThrough))
        {
            return new(state, Queued, NeedsWrite: true);
        }

        return request.WaitFor > TimeSpan.Zero
            ? new(LockQueue.Park(state, request.RequestId), Queued)
            : new(LockQueue.Without(state, request.RequestId), Busy);
    }

    public static LockDecision<RenewOutcome> Renew(
        LockState state, LockRenewal renewal, object? contact, TimeSpan arrivedAt, TimeSpan now, LockTerms terms)
    {
        (state, _) = LockQueue.Settle(state, now, terms);
        state = state with { LongestLease = Longer(state.LongestLease, renewal.Lease) };
        if (state.Holder(new LockGrantId(renewal.RequestId, renewal.FencingToken)) is { } holder && now < holder.EndsAt)
        {
            return MayProlong(state, holder, renewal.Lease, now, terms)
                ? new(Prolong(state, holder, renewal.Lease, contact, now), RenewOutcome.Renewed)
                : new(state, default, NeedsWrite: true);
        }

        if (LockAdoption.TryAdopt(state, renewal, contact, now) is { } adopted)
        {
            return LockClaims.Covers(state, renewal.Lease, now, terms)
                ? new(adopted, RenewOutcome.Renewed)
                : new(state, default, NeedsWrite: true);
        }

        return new(state, RenewOutcome.NotHolder, NeedsWrite: !IsConfirmedSince(state, arrivedAt));
    }

    public static LockDecision<ReleaseOutcome> Release(
        LockState state, LockGrantId id, TimeSpan arrivedAt, TimeSpan now, LockTerms terms)
    {
        if (state.Holder(id) is { } holder)
        {
            return new(
                LockQueue.Settle(EndHold(state, holder), now, terms).State, ReleaseOutcome.Released);
        }

        if (MayHoldByAnEarlierGrant(state, id, now))
        {
            return new(End(state, id.RequestId), ReleaseOutcome.Released);
        }

        return new(state, ReleaseOutcome.NotHolder, NeedsWrite: !state.Ended.Contains(id.RequestId) && !IsConfirmedSince(state, arrivedAt));
    }

    /// <summary>Withdraws a request wherever it stands; one that is unknown may still be under way.</summary>
    public static LockState Cancel(LockState state, Guid requestId, TimeSpan now, LockTerms terms)
    {
        state = End(LockQueue.Without(state, requestId), requestId);
        if (state.HolderOf(requestId) is { } holder)
        {
            // A writer that gives up its upgrade is the reader that it was.
            state = holder.UpgradedFrom is { } reader
                ? state with { Holders = state.Holders.Replace(holder, holder with { Id = reader, Mode = LockMode.UpgradeableRead, UpgradedFrom = null }) }
                : EndHold(state, holder);
        }

        return LockQueue.Settle(state, now, terms).State;
    }

    /// <summary>
    /// Begins to break one hold, or with those before it, or with token 0 all. They are out when the record's floor has reached <see cref="LockState.BreakingFloor"/>.
    /// </summary>
    /// <remarks>
    /// Durable before anybody is let in: an activation that takes over must not adopt the broken holder beside its successor. A hold with a
    /// lower token than the broken one goes on here; after a crash it is not adopted.
    /// </remarks>
    /// <returns>The holders that will be out.</returns>
    public static LockDecision<ImmutableArray<LockHolding>> Break(LockState state, long token, TimeSpan now, bool andEarlier = false)
    {
        var broken = state.Holders.RemoveAll(holder => token != 0 && (holder.Id.Token > token || (holder.Id.Token < token && !andEarlier)));
        if (broken.IsEmpty && now >= state.AdoptsUntil)
        {
            return new(state, broken);
        }

        var floor = token == 0 ? state.NextToken : Math.Min(token + 1, state.NextToken);
        return new(
            state with
            {
                Breaking = [.. state.Breaking.Union(broken.Select(holder => holder.Id.Token))],
                BreakingFloor = Math.Max(state.BreakingFloor, floor),
            },
            broken);
    }

    /// <summary>Whether nothing is left to write before a break has taken effect, and no other activation can have been asked in vain.</summary>
    public static bool IsBroken(LockState state, TimeSpan arrivedAt) =>
        state.Record.TokenFloor >= state.BreakingFloor && IsConfirmedSince(state, arrivedAt);

    /// <summary>What a waiter is told whose call ends.</summary>
    public static LockReply Look(LockState state, Guid requestId, TimeSpan now) =>
        state.HolderOf(requestId) is { } holder && now < holder.EndsAt ? Granted(state, holder)
        : state.IndexOfWaiter(requestId) >= 0 || !state.Ended.Contains(requestId) ? Queued
        : Busy;

    public static LockStatus Describe(LockState state, TimeSpan now)
    {
        var holders = state.Holders.RemoveAll(holder => holder.EndsAt <= now);
        var waiters = state.Waiters.RemoveAll(waiter => waiter.LapsesAt <= now);
        return new LockStatus
        {
            IsHeld = !holders.IsEmpty,
            FencingToken = state.LatestToken,
            Permits = state.Permits,
            Holders = [.. holders.Select(holder => new LockHolderStatus
            {
                Owner = holder.Owner, Mode = holder.Mode, FencingToken = holder.Id.Token, HeldFor = now - holder.Since, ExpiresIn = holder.EndsAt - now,
            })],
            Waiters = [.. waiters.Take(MaxListed).Select(waiter => new LockWaiterStatus
            {
                Owner = waiter.Owner,
                Mode = waiter.Mode,
                WaitingFor = waiter.Upgrades == Guid.Empty ? now - waiter.WaitingSince : TimeSpan.Zero,
                ExpiresIn = waiter.LapsesAt - now,
            })],
            WaiterCount = waiters.Length,
            RecoversIn = now < state.GrantsFrom ? state.GrantsFrom - now : TimeSpan.Zero,
        };
    }

    /// <summary>The answer to an earlier attempt may have been lost. The caller counts its lease from the sending of this one, so it is a renewal.</summary>
    private static LockDecision<LockReply?> Repeat(
        LockState state, LockHolding holder, LockRequest request, object? contact, TimeSpan now, LockTerms terms)
    {
        if (now >= holder.EndsAt || !MayProlong(state, holder, request.Lease, now, terms))
        {
            // Expired: once that is written, it is a request like any other again.
            return new(state with { LongestLease = Longer(state.LongestLease, request.Lease) }, Queued, NeedsWrite: true);
        }

        state = Prolong(state, holder, request.Lease, contact, now);
        return new(state, Granted(state, state.HolderOf(request.RequestId)!));
    }

    /// <summary>Not while a break of the hold is on its way to the database.</summary>
    private static bool MayProlong(LockState state, LockHolding holder, TimeSpan lease, TimeSpan now, LockTerms terms) =>
        LockClaims.Covers(state, lease, now, terms) && !state.Breaking.Contains(holder.Id.Token);

    private static LockState Prolong(LockState state, LockHolding holder, TimeSpan lease, object? contact, TimeSpan now)
    {
        // A promise is never shortened: the holder may count on the longer lease of an earlier renewal and not even have had this answer.
        var endsAt = now + LockClaims.Outlast(lease);
        var prolonged = holder with { EndsAt = endsAt > holder.EndsAt ? endsAt : holder.EndsAt, Lease = lease, Contact = contact ?? holder.Contact };
        return state with { Holders = state.Holders.Replace(holder, prolonged), LongestLease = Longer(state.LongestLease, lease) };
    }

    private static bool MayUpgrade(LockState state, Guid reader, TimeSpan now) =>
        state.HolderOf(reader) is { Mode: LockMode.UpgradeableRead } holder && now < holder.EndsAt;

    private static LockState EndHold(LockState state, LockHolding holder)
    {
        state = End(state with { Holders = state.Holders.Remove(holder) }, holder.Id.RequestId);
        return holder.UpgradedFrom is { } reader ? End(state, reader.RequestId) : state;
    }

    /// <summary>By the grant of an earlier activation. When it is released, a renewal that it sent before must not be adopted any more.</summary>
    private static bool MayHoldByAnEarlierGrant(LockState state, LockGrantId id, TimeSpan now) =>
        now < state.AdoptsUntil && id.Token <= state.Inherited && id.Token >= state.Record.TokenFloor;

    private static LockState End(LockState state, Guid requestId) => state.Ended.Contains(requestId)
        ? state
        : state with { Ended = (state.Ended.Length < MaxEnded ? state.Ended : state.Ended.RemoveAt(0)).Add(requestId) };

    private static bool IsConfirmedSince(LockState state, TimeSpan arrivedAt) => state.ConfirmedAt is { } confirmedAt && confirmedAt >= arrivedAt;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static LockReply Granted(LockState state, LockHolding holder) => new()
    {
        Outcome = LockOutcome.Granted,
        FencingToken = holder.Id.Token,
        Lease = holder.Lease,
        Proof = LockProof.Of(state.Record.Secret, holder.Id),
    };
}
