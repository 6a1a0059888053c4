namespace OrleansPatterns.Locks;

/// <summary>The answer to a renewal.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRenewalReply")]
public sealed record LockRenewalReply
{
    /// <summary>How the renewal ended.</summary>
    [Id(0)]
    public required RenewOutcome Outcome { get; init; }

    /// <summary>The silo that holds the lock at the moment, so that the next renewals of one process and silo can go together; may be out of date.</summary>
    [Id(1)]
    public string? Silo { get; init; }
}
