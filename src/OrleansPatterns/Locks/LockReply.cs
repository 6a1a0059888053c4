namespace OrleansPatterns.Locks;

/// <summary>The answer to a request for a lock.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockReply")]
public sealed record LockReply
{
    /// <summary>Where the request stands.</summary>
    [Id(0)]
    public required LockOutcome Outcome { get; init; }

    /// <summary>The token of the grant, greater than that of every grant of the same lock before it; 0 unless granted.</summary>
    [Id(1)]
    public long FencingToken { get; init; }

    /// <summary>
    /// How long the grant lasts, counted from <em>before</em> the call that this answers was sent: the lease that was asked for, or 2 seconds
    /// (at most the lease) after waiting in the queue. Zero unless granted.
    /// </summary>
    [Id(2)]
    public TimeSpan Lease { get; init; }

    /// <summary>Shows to a silo that takes the lock over that this grant was given; goes into <see cref="LockRenewal.Proof"/>. 0 unless granted.</summary>
    [Id(3)]
    public long Proof { get; init; }
}
