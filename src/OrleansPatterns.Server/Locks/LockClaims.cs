using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>How an activation comes to speak for a lock, for how long it may do so from memory, and how it hands on. Pure.</summary>
/// <remarks>
/// <para>
/// The activation has a lease on the key, as the leaders of Chubby (Burrows 2006), GFS (Ghemawat et al. 2003) and Spanner (Corbett et al. 2012)
/// have on what they lead. Its claim is the record: written with the ETag that it was read with, for <see cref="LockRecord.Horizon"/> from the
/// sending of the write. Why two activations of one lock do no harm:
/// </para>
/// <list type="number">
/// <item>What a claim's writer gives from memory ends within the claim by the writer's own clock, which counts from before the write was sent,
/// and has a token up to <see cref="LockRecord.LastToken"/>.</item>
/// <item>A successor reads the record after that write was sent, and its own first write succeeds only if no other came in between. So from
/// its reading on nothing is written by predecessors, and after another full horizon (<see cref="Outlast"/>), or as soon as the cluster's clock
/// is past <see cref="LockRecord.HorizonAt"/>, nothing that they gave is unexpired. Before that it grants nothing new; it only adopts.</item>
/// <item>A claim never ends before what it stands for: the previous claim of the same activation, the wait for the predecessors', and the
/// ends of the holders. So waiting for the last claim is waiting for all.</item>
/// <item>Durations are compared between machines only through <see cref="Outlast"/>: their monotonic clocks may differ in rate by 1 %.</item>
/// </list>
/// </remarks>
internal static class LockClaims
{
    /// <summary>
    /// By how much the cluster's clock may have jumped ahead without this silo seeing it, as when another server has taken over from the one
    /// that the claim was dated by.
    /// </summary>
    private static readonly TimeSpan UnseenStep = TimeSpan.FromSeconds(2);

    /// <summary>What a fresh activation makes of the record that it has just read.</summary>
    /// <param name="record">What is stored.</param>
    /// <param name="readAt">An instant after the reading.</param>
    /// <param name="secret">For the proofs of a lock that has none yet.</param>
    /// <param name="firstToken">No lower one is granted from here on, for records that do not know of all grants (<see cref="LockOptions.FirstToken"/>).</param>
    internal static LockState Restore(LockRecord record, LockMoment readAt, Guid secret, long firstToken)
    {
        var untilHorizon = Outlast(record.Horizon);
        if (record.HorizonAt is { } horizonAt && readAt.Cluster is { } cluster
            && Outlast(horizonAt - cluster.Earliest + UnseenStep) is var byClock && byClock < untilHorizon)
        {
            untilHorizon = byClock > TimeSpan.Zero ? byClock : TimeSpan.Zero;
        }

        var first = Math.Max(record.LastToken + 1, firstToken);
        var state = new LockState
        {
            Record = record.Secret == Guid.Empty ? record with { Secret = secret } : record,
            NextToken = first,
            FirstToken = first,
            Inherited = record.LastToken,
            InheritedWriteId = record.WriteId,
            Permits = record.Permits,
            AdoptsUntil = readAt.Now + untilHorizon,
            GrantsFrom = readAt.Now + untilHorizon,
        };
        return record.Horizon > TimeSpan.Zero
            ? state
            : state with { Holders = [.. record.Holders.Select(holder => Restore(holder, readAt.Now))] };
    }

    /// <summary>The record that renews the claim. Of what it says only <see cref="Written"/> makes use, once it is known to have landed.</summary>
    internal static LockRecord Next(LockState state, LockMoment moment, LockTerms terms, Guid writeId) =>
        terms.IsWriteThrough ? Exact(state, moment, writeId) : Ahead(state, moment, terms, writeId);

    /// <summary>A record that leaves nothing to find out: a successor need not wait.</summary>
    /// <remarks>While predecessors' grants may be unexpired there is no such thing; then it covers that wait as every claim does.</remarks>
    internal static LockRecord Exact(LockState state, LockMoment moment, Guid writeId)
    {
        var isExact = moment.Now >= state.AdoptsUntil && moment.Now >= state.GrantsFrom;
        return Record(state, moment, isExact ? moment.Now : EndOfAll(state), lastToken: state.NextToken - 1, writeId);
    }

    /// <summary>
    /// What an activation that was replaced, and grants nothing any more, can tell the one that took its place: who holds the lock.
    /// <see langword="null"/>: it does not know exactly.
    /// </summary>
    /// <remarks>
    /// It knows all whom it has granted the lock, and whom it has adopted; nobody who renews with its successor is missing there. It must not tell of
    /// a break that it could not make durable, nor of an upgrade, which its holder may not have heard of, or may have withdrawn elsewhere; nor, of a
    /// semaphore, who has lost a place (<see cref="LockAdoption"/>).
    /// </remarks>
    internal static LockRecord? Legacy(LockState state, LockMoment moment)
    {
        if (state.ConfirmedAt is null || state.Permits != 0 || !state.Breaking.IsEmpty || state.Holders.Any(holder => holder.UpgradedFrom is not null))
        {
            return null;
        }

        var exact = Exact(state, moment, state.Record.WriteId);
        return exact.Horizon == TimeSpan.Zero ? exact : null;
    }

    /// <summary>A write that was sent at <paramref name="sentAt"/> has landed.</summary>
    /// <remarks>
    /// Holders that had expired when it was sent are over now: nobody else has adopted a renewal of theirs, or the write would have been
    /// refused (<see cref="LockQueue.Settle"/> takes them out).
    /// </remarks>
    internal static LockState Written(LockState state, LockRecord record, TimeSpan sentAt)
    {
        var broken = state.Breaking.RemoveAll(token => token >= record.TokenFloor);
        return state with
        {
            Record = record,
            ConfirmedAt = sentAt,
            ClaimEndsAt = sentAt + record.Horizon,
            LongestLease = TimeSpan.Zero,
            Holders = broken.IsEmpty ? state.Holders : state.Holders.RemoveAll(holder => broken.Contains(holder.Id.Token)),
            Breaking = state.Breaking.RemoveAll(token => token < record.TokenFloor),
        };
    }

    /// <summary>Whether a lease that begins now can be given under the claim as it is.</summary>
    internal static bool Covers(LockState state, TimeSpan lease, TimeSpan now, LockTerms terms) =>
        terms.IsWriteThrough || (state.ConfirmedAt is not null && now + Outlast(lease) <= state.ClaimEndsAt);

    /// <summary>Whether the claim is to be moved up now, so that the next callers need not wait for it.</summary>
    internal static bool IsDueAhead(LockState state, TimeSpan now, LockTerms terms) =>
        !terms.IsWriteThrough
        && state.ConfirmedAt is not null
        && state.LongestLease > TimeSpan.Zero
        && (now + Outlast(state.LongestLease) + (terms.Slack / 2) > state.ClaimEndsAt
            || state.Record.LastToken - state.NextToken < terms.TokenBlock / 4);

    /// <summary>How long one waits out a duration that another machine counts: clock rates may differ by up to 1 %.</summary>
    internal static TimeSpan Outlast(TimeSpan duration) => duration + (duration / 100);

    private static LockRecord Ahead(LockState state, LockMoment moment, LockTerms terms, Guid writeId)
    {
        var longest = state.LongestLease;
        foreach (var holder in state.Holders)
        {
            longest = holder.Lease > longest ? holder.Lease : longest;
        }

        foreach (var waiter in state.Waiters)
        {
            longest = waiter.Lease > longest ? waiter.Lease : longest;
        }

        var endsAt = moment.Now + Outlast(longest) + terms.Slack;
        var all = EndOfAll(state);
        return Record(
            state, moment, endsAt > all ? endsAt : all, Math.Max(state.Record.LastToken, state.NextToken - 1 + terms.TokenBlock), writeId);
    }

    private static LockRecord Record(LockState state, LockMoment moment, TimeSpan endsAt, long lastToken, Guid writeId)
    {
        var now = moment.Now;
        var holders = state.Holders.RemoveAll(holder => holder.EndsAt <= now || state.Breaking.Contains(holder.Id.Token));
        var horizon = endsAt > now ? endsAt - now : TimeSpan.Zero;

        // While some are still to be adopted, only those an operator has broken are known to be over.
        var floor = now < state.AdoptsUntil ? state.Record.TokenFloor
            : holders.IsEmpty ? state.NextToken
            : holders.Min(holder => holder.LowestToken);
        return new LockRecord
        {
            LastToken = lastToken,
            TokenFloor = Math.Max(Math.Max(floor, state.Record.TokenFloor), state.BreakingFloor),
            Horizon = horizon,
            HorizonAt = moment.Cluster is { } cluster && horizon > TimeSpan.Zero ? cluster.Latest + Outlast(horizon) : null,
            Holders = [.. holders.Select(holder => Store(holder, now))],
            Permits = state.Permits,
            Secret = state.Record.Secret,
            WriteId = writeId,
        };
    }

    /// <summary>When everything is over that this activation, or the one whose claim it took over, has let last.</summary>
    private static TimeSpan EndOfAll(LockState state)
    {
        var endsAt = state.AdoptsUntil > state.GrantsFrom ? state.AdoptsUntil : state.GrantsFrom;
        endsAt = state.ConfirmedAt is not null && state.ClaimEndsAt > endsAt ? state.ClaimEndsAt : endsAt;
        foreach (var holder in state.Holders)
        {
            endsAt = holder.EndsAt > endsAt ? holder.EndsAt : endsAt;
        }

        return endsAt;
    }

    private static LockRecordHolder Store(LockHolding holder, TimeSpan now) => new()
    {
        RequestId = holder.Id.RequestId,
        Token = holder.Id.Token,
        Owner = holder.Owner,
        Mode = holder.Mode,
        EndsIn = holder.EndsAt - now,
        HeldFor = now - holder.Since,
        UpgradedFromRequestId = holder.UpgradedFrom?.RequestId ?? Guid.Empty,
        UpgradedFromToken = holder.UpgradedFrom?.Token ?? 0,
    };

    /// <summary>A holder as another activation has left it, at this or an earlier moment.</summary>
    internal static LockHolding Restore(LockRecordHolder holder, TimeSpan now) => new()
    {
        Id = new LockGrantId(holder.RequestId, holder.Token),
        Owner = holder.Owner,
        Mode = holder.Mode,
        EndsAt = now + Outlast(holder.EndsIn),
        Lease = holder.EndsIn,
        Since = now - holder.HeldFor,
        UpgradedFrom = holder.UpgradedFromRequestId == Guid.Empty ? null : new LockGrantId(holder.UpgradedFromRequestId, holder.UpgradedFromToken),
    };
}
