namespace OrleansPatterns.Idempotency;

/// <summary>The answer to a <see cref="SealRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SealReply")]
public sealed record SealReply
{
    /// <summary>What the key has seen. But for <see cref="SealOutcome.InProgress"/>, nothing begins under it from now on.</summary>
    [Id(0)]
    public required SealOutcome Outcome { get; init; }

    /// <summary>
    /// <see cref="SealOutcome.InProgress"/>: when to ask again; until then the execution has ended, or its executor has shown that it lives, or the
    /// key can be sealed. Otherwise zero.
    /// </summary>
    [Id(1)]
    public TimeSpan RetryAfter { get; init; }
}
