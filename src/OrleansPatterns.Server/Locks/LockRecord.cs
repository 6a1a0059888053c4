using System.Collections.Immutable;

namespace OrleansPatterns.Server.Locks;

/// <summary>What is durable of a lock: one activation's claim on it. The row is never cleared, or tokens would start again.</summary>
/// <remarks>See <see cref="LockClaims"/> for how claims follow each other.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRecord")]
internal sealed record LockRecord
{
    /// <summary>The ceiling: no grant has had a higher token. The writer may have granted every token up to it.</summary>
    [Id(0)]
    public long LastToken { get; init; }

    /// <summary>No grant with a lower token may be adopted: it was released, has expired or was broken.</summary>
    [Id(3)]
    public long TokenFloor { get; init; }

    /// <summary>
    /// For how long after the sending of this write its writer may let leases last, counted on its own clock. Zero: it lets nothing last that
    /// is not in <see cref="Holders"/>, which are then exact.
    /// </summary>
    [Id(4)]
    public TimeSpan Horizon { get; init; }

    /// <summary>The end of the horizon on the cluster's clock; <see langword="null"/> when the writer did not know that clock.</summary>
    [Id(5)]
    public DateTimeOffset? HorizonAt { get; init; }

    /// <summary>Those who held the lock when this was written.</summary>
    [Id(6)]
    public ImmutableArray<LockRecordHolder> Holders { get; init; } = [];

    /// <summary>The size of the semaphore; 0: a lock or reader-writer lock.</summary>
    [Id(7)]
    public int Permits { get; init; }

    /// <summary>What proofs of grants are made with; empty until the first write.</summary>
    [Id(8)]
    public Guid Secret { get; init; }

    /// <summary>Another for each write, so that a writer whose write was not answered can tell whether it landed.</summary>
    [Id(9)]
    public Guid WriteId { get; init; }
}
