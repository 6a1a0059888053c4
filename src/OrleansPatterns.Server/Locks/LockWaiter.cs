using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>A request in the queue. Instants are on the clock of the activation.</summary>
internal sealed record LockWaiter
{
    public required Guid RequestId { get; init; }

    public required string Owner { get; init; }

    public required LockMode Mode { get; init; }

    public required TimeSpan Lease { get; init; }

    /// <summary>By this the queue is sorted.</summary>
    public required TimeSpan WaitingSince { get; init; }

    /// <summary>When it is taken for dead, if nothing more is heard of it.</summary>
    public required TimeSpan LapsesAt { get; init; }

    /// <summary>
    /// Whether it was told, or will be, that it has to wait for others. Not so while its first call only waits for a write: the lease of such a
    /// grant counts from the sending of that call.
    /// </summary>
    public bool IsParked { get; init; }

    public object? Contact { get; init; }

    /// <summary>The holder that is to become the writer by this request; empty: none.</summary>
    public Guid Upgrades { get; init; }
}
