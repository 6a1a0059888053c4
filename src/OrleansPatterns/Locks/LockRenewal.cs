namespace OrleansPatterns.Locks;

/// <summary>Prolongs a hold, confirms one that was granted after waiting, and makes it known to a silo that has taken the lock over.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRenewal")]
public sealed record LockRenewal
{
    /// <summary>The request that holds the lock.</summary>
    [Id(0)]
    public required Guid RequestId { get; init; }

    /// <summary>The token that it was granted.</summary>
    [Id(1)]
    public required long FencingToken { get; init; }

    /// <summary><see cref="LockReply.Proof"/> of the grant.</summary>
    [Id(2)]
    public required long Proof { get; init; }

    /// <summary>How long the hold lasts from now on. 1 second to 10 minutes; never shortens what was promised before.</summary>
    [Id(3)]
    public required TimeSpan Lease { get; init; }

    /// <summary>As in the request: <see cref="LockRequest.Owner"/>.</summary>
    [Id(4)]
    public required string Owner { get; init; }

    /// <summary>As in the request: <see cref="LockRequest.Mode"/>.</summary>
    [Id(5)]
    public LockMode Mode { get; init; } = LockMode.Write;

    /// <summary>As in the request: <see cref="LockRequest.Permits"/>.</summary>
    [Id(6)]
    public int Permits { get; init; }

    /// <summary>For how long the lock has been held, for people who look at it. Default zero.</summary>
    [Id(7)]
    public TimeSpan HeldFor { get; init; }

    /// <summary>As in the request: <see cref="LockRequest.Observer"/>.</summary>
    [Id(8)]
    public ILockObserver? Observer { get; init; }

    /// <summary>
    /// Whether the sender does not count on the hold yet, but was granted it after waiting and begins by the answer to this. Default
    /// <see langword="false"/>.
    /// </summary>
    /// <remarks>
    /// A silo that has taken the lock over refuses such a one: it cannot tell whether the grant had lapsed already, whereas one who holds the
    /// lock knows by its own count that it has not.
    /// </remarks>
    [Id(9)]
    public bool IsConfirmation { get; init; }
}
