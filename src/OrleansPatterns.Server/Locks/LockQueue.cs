using System.Collections.Immutable;

namespace OrleansPatterns.Server.Locks;

/// <summary>What one activation knows of a lock beside the record, gone with it. Instants are on the activation's monotonic clock.</summary>
internal sealed record LockQueue
{
    /// <summary>When the record's holder may be taken over. Means nothing without a holder.</summary>
    public TimeSpan HolderEndsAt { get; init; }

    /// <summary>First come, first served: sorted by <see cref="LockWaiter.WaitingSince"/>.</summary>
    public ImmutableArray<LockWaiter> Waiters { get; init; } = [];

    /// <summary>
    /// The latest requests that were released or withdrawn. An acquire call of theirs that was under way all that time must not be granted: nobody
    /// would use or release it.
    /// </summary>
    public ImmutableArray<Guid> Ended { get; init; } = [];
}
