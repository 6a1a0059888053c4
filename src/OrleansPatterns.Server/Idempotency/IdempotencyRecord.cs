using OrleansPatterns.Idempotency;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>The durable truth about one key.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyRecord")]
internal sealed record IdempotencyRecord : IExpiringState
{
    /// <summary>The token of the last execution, or of the seal that came after it. Only grows, across failures, expiry and operators; see <see cref="IdempotencyRules"/>.</summary>
    [Id(0)]
    public long ExecutionToken { get; init; }

    [Id(1)]
    public ExecutionStatus Status { get; init; }

    /// <summary>The request that the last execution came from, kept after its end so that a late repetition does not begin another.</summary>
    [Id(2)]
    public Guid RequestId { get; init; }

    [Id(3)]
    public string? Fingerprint { get; init; }

    /// <summary>How long the executor may stay silent: a duration, which every activation counts on its own clock.</summary>
    [Id(4)]
    public TimeSpan Lease { get; init; }

    /// <summary>How often the lease was renewed. Its only use: a renewal changes the record, so it is written and takes the ETag along.</summary>
    [Id(5)]
    public long Renewals { get; init; }

    [Id(6)]
    public OnAbandoned OnAbandoned { get; init; }

    /// <summary>The result; null also when it was too large.</summary>
    [Id(7)]
    public byte[]? Result { get; init; }

    [Id(8)]
    public int OmittedResultBytes { get; init; }

    [Id(9)]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// When the record counts as absent, unless an operator is needed. By the wall clock, unlike the lease: it is hours away and must hold over
    /// restarts, and a silo whose clock is off only forgets a little early or late, which no promise to anyone rests on.
    /// </summary>
    [Id(10)]
    public DateTimeOffset ExpiresAt { get; init; }

    [Id(11)]
    public IdempotencyFailure? Failure { get; init; }

    /// <summary>
    /// An earlier execution was lost and another took over; no operator has found out about it since. Whether that one took effect is then unknown even
    /// after this one has failed.
    /// </summary>
    [Id(12)]
    public bool HasLostExecution { get; init; }

    /// <summary>What was answered when the key was sealed, and is answered again; otherwise none.</summary>
    [Id(13)]
    public SealOutcome SealedAs { get; init; }

    /// <summary>Never while somebody may still be at work: a renewal keeps <see cref="ExpiresAt"/> ahead of the lease.</summary>
    DateTimeOffset? IExpiringState.RemovableFrom => Status switch
    {
        ExecutionStatus.Parked => null,
        ExecutionStatus.InProgress when OnAbandoned == OnAbandoned.Park => null,
        _ => ExpiresAt,
    };
}
