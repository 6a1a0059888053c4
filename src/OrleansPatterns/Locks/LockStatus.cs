using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <summary>What people see of a lock. It may be out of date by the time it is read: decide nothing by it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockStatus")]
public sealed record LockStatus
{
    /// <summary>Whether someone holds the lock.</summary>
    [Id(0)]
    public required bool IsHeld { get; init; }

    /// <summary>The token of the latest grant that the silo knows of, whether that one still holds the lock or not; 0 if it was never granted.</summary>
    [Id(2)]
    public required long FencingToken { get; init; }

    /// <summary>How many may hold it as a semaphore; 0 when it is used as a lock or reader-writer lock.</summary>
    [Id(5)]
    public required int Permits { get; init; }

    /// <summary>Who holds the lock, in the order of their grants.</summary>
    [Id(6)]
    public required ImmutableArray<LockHolderStatus> Holders { get; init; }

    /// <summary>Who waits, in the order in which they will get it; at most the first 1,000.</summary>
    [Id(7)]
    public required ImmutableArray<LockWaiterStatus> Waiters { get; init; }

    /// <summary>How many wait.</summary>
    [Id(8)]
    public required int WaiterCount { get; init; }

    /// <summary>
    /// After the crash of a silo: how long the lock is granted to nobody new, since there may be holders that have not been heard of yet;
    /// zero otherwise.
    /// </summary>
    [Id(9)]
    public TimeSpan RecoversIn { get; init; }
}
