namespace OrleansPatterns.Idempotency;

/// <summary>An executor's report that its work failed and that this is the result.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.FailRequest")]
public sealed record FailRequest
{
    /// <summary>The token that <see cref="BeginReply.ExecutionToken"/> gave.</summary>
    [Id(0)]
    public required long ExecutionToken { get; init; }

    /// <summary>The failure.</summary>
    [Id(1)]
    public required IdempotencyFailure Failure { get; init; }

    /// <summary>How long it is remembered. Greater than zero, at most 366 days.</summary>
    [Id(2)]
    public required TimeSpan Retention { get; init; }
}
