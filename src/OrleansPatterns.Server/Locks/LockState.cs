using System.Collections.Immutable;

namespace OrleansPatterns.Server.Locks;

/// <summary>All that one activation knows of a lock and decides by. Instants are on its monotonic clock.</summary>
internal sealed record LockState
{
    /// <summary>The record as this activation has read it or, later, as it last wrote it for certain.</summary>
    public required LockRecord Record { get; init; }

    /// <summary>The token of the next grant.</summary>
    public required long NextToken { get; init; }

    /// <summary>The token of this activation's first grant.</summary>
    public required long FirstToken { get; init; }

    /// <summary>The latest token that was granted or, by an earlier activation, may have been. 0: none ever.</summary>
    public long LatestToken => NextToken > FirstToken ? NextToken - 1 : Inherited;

    /// <summary>
    /// When the last write that succeeded was sent: until then, at least, this activation had not been replaced. <see langword="null"/>: it has
    /// not written yet, and decides nothing.
    /// </summary>
    public TimeSpan? ConfirmedAt { get; init; }

    /// <summary>Leases given from memory end by this.</summary>
    public TimeSpan ClaimEndsAt { get; init; }

    /// <summary>Until then grants of earlier activations, of which this one knows nothing, may be unexpired: their renewals are adopted.</summary>
    public TimeSpan AdoptsUntil { get; init; }

    /// <summary>Nobody new gets the lock before this.</summary>
    public TimeSpan GrantsFrom { get; init; }

    /// <summary>The highest token that an earlier activation may have granted.</summary>
    public long Inherited { get; init; }

    /// <summary>Which write this activation began with: that of the activation which it replaces.</summary>
    public Guid InheritedWriteId { get; init; }

    /// <summary>The size of the semaphore; 0: a lock. Not that of the record yet while a new kind waits to be written.</summary>
    public int Permits { get; init; }

    /// <summary>The longest lease asked for since the last write; the next claim has to cover it.</summary>
    public TimeSpan LongestLease { get; init; }

    /// <summary>By token.</summary>
    public ImmutableArray<LockHolding> Holders { get; init; } = [];

    /// <summary>First come, first served: by <see cref="LockWaiter.WaitingSince"/>.</summary>
    public ImmutableArray<LockWaiter> Waiters { get; init; } = [];

    /// <summary>
    /// The latest requests that were released or withdrawn. A call of theirs that was under way all that time must not be granted or adopted:
    /// nobody would use or release it.
    /// </summary>
    public ImmutableArray<Guid> Ended { get; init; } = [];

    /// <summary>Holders that an operator has broken; they are out when the floor above them is written.</summary>
    public ImmutableArray<long> Breaking { get; init; } = [];

    /// <summary>The floor that has to be written for that.</summary>
    public long BreakingFloor { get; init; }

    public LockHolding? HolderOf(Guid requestId)
    {
        foreach (var holder in Holders)
        {
            if (holder.Id.RequestId == requestId)
            {
                return holder;
            }
        }

        return null;
    }

    public LockHolding? Holder(LockGrantId id)
    {
        foreach (var holder in Holders)
        {
            if (holder.IsKnownAs(id))
            {
                return holder;
            }
        }

        return null;
    }

    public int IndexOfWaiter(Guid requestId)
    {
        for (var index = 0; index < Waiters.Length; index++)
        {
            if (Waiters[index].RequestId == requestId)
            {
                return index;
            }
        }

        return -1;
    }
}
