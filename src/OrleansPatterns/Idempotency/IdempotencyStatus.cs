namespace OrleansPatterns.Idempotency;

/// <summary>What is known of a key, without its result.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.IdempotencyStatus")]
public sealed record IdempotencyStatus
{
    /// <summary>Where it stands.</summary>
    [Id(0)]
    public required IdempotencyPhase Phase { get; init; }

    /// <summary>The last execution, or the seal that came after it; 0: there has been none.</summary>
    [Id(1)]
    public required long ExecutionToken { get; init; }

    /// <summary>When its result or remembered failure is forgotten, or its seal ends; <see langword="null"/>: there is none of these.</summary>
    [Id(2)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When there was a result; <see langword="null"/>: there is none.</summary>
    [Id(3)]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The size of the result, in bytes; 0: there is none, or it is empty.</summary>
    [Id(4)]
    public int ResultBytes { get; init; }

    /// <summary>The remembered failure; <see langword="null"/>: there is none.</summary>
    [Id(5)]
    public IdempotencyFailure? Failure { get; init; }
}
