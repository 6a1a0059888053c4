using System.Collections.Immutable;

namespace OrleansPatterns.Locks;

/// <summary>Asks for a lock.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRequest")]
public sealed record LockRequest
{
    /// <summary>
    /// Names this request: the same on every repetition, another for every other request, not empty. Also what a holder proves itself by,
    /// so it is to be kept from others.
    /// </summary>
    [Id(0)]
    public required Guid RequestId { get; init; }

    /// <summary>Who asks, for people who look at the lock: 1 to 256 characters.</summary>
    [Id(1)]
    public required string Owner { get; init; }

    /// <summary>How long a grant lasts unless renewed. 1 second to 10 minutes.</summary>
    [Id(2)]
    public required TimeSpan Lease { get; init; }

    /// <summary>For how long the request has been waiting already; it is queued as if it had come that long ago. Default zero, not negative.</summary>
    [Id(4)]
    public TimeSpan WaitedFor { get; init; }

    /// <summary>How long this call may wait in the queue before it answers <see cref="LockOutcome.Queued"/>; the request keeps its place when it
    /// comes again within 6 seconds.</summary>
    /// <value>Default zero: do not wait, answer <see cref="LockOutcome.Busy"/>. At most 10 seconds.</value>
    [Id(5)]
    public TimeSpan WaitFor { get; init; }

    /// <summary>What is wanted. Default <see cref="LockMode.Write"/>.</summary>
    [Id(6)]
    public LockMode Mode { get; init; } = LockMode.Write;

    /// <summary>With <see cref="LockMode.Permit"/> how many may hold the semaphore at once, at least 1; otherwise 0, the default.</summary>
    [Id(7)]
    public int Permits { get; init; }

    /// <summary>Who is told at once when an operator breaks the hold; <see langword="null"/> (default): nobody, the next renewal will tell.</summary>
    [Id(8)]
    public ILockObserver? Observer { get; init; }

    /// <summary>
    /// The request that holds the lock in <see cref="LockMode.UpgradeableRead"/> and is to become the writer by this one; default empty: none.
    /// </summary>
    [Id(9)]
    public Guid Upgrades { get; init; }

    /// <summary>
    /// Holds of the same lock that the sender has released lately: calls may overtake each other, and this one must not find its sender's own
    /// release still under way. Default none, at most 16.
    /// </summary>
    [Id(10)]
    public ImmutableArray<LockRelease> Releases { get; init; } = [];
}
