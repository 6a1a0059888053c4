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
}
