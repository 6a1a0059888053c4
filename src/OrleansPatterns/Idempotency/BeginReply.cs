namespace OrleansPatterns.Idempotency;

/// <summary>The answer to a <see cref="BeginRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BeginReply")]
public sealed record BeginReply
{
    /// <summary>What the caller is to do.</summary>
    [Id(0)]
    public required BeginOutcome Outcome { get; init; }

    /// <summary>
    /// <see cref="BeginOutcome.Started"/>: the token of the caller's execution. Otherwise, but for
    /// <see cref="BeginOutcome.FingerprintMismatch"/>: that of the execution, or of the seal, in the way. It only grows for a key.
    /// </summary>
    [Id(1)]
    public long ExecutionToken { get; init; }

    /// <summary><see cref="BeginOutcome.Completed"/>: the result; <see langword="null"/>: it was too large to be stored. Otherwise null.</summary>
    [Id(2)]
    public byte[]? Result { get; init; }

    /// <summary>The size of the result that was not stored, in bytes; otherwise 0.</summary>
    [Id(3)]
    public int OmittedResultBytes { get; init; }

    /// <summary>
    /// <see cref="BeginOutcome.InProgress"/>: after this time the execution has ended, or its executor has shown that it lives, or may be taken
    /// over. Otherwise zero.
    /// </summary>
    [Id(4)]
    public TimeSpan RetryAfter { get; init; }

    /// <summary><see cref="BeginOutcome.Failed"/>: the failure. Otherwise <see langword="null"/>.</summary>
    [Id(5)]
    public IdempotencyFailure? Failure { get; init; }

    /// <summary>
    /// <see cref="BeginOutcome.Started"/>: the Orleans service id of the cluster, under which a database transaction completes the key. Otherwise null.
    /// </summary>
    [Id(6)]
    public string? ServiceId { get; init; }
}
