namespace OrleansPatterns.Idempotency;

/// <summary>A wish to close a key, so that nothing begins under it any more.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SealRequest")]
public sealed record SealRequest
{
    /// <summary>How long, at least, the key stays as the seal leaves it. Greater than zero, at most 366 days.</summary>
    [Id(0)]
    public required TimeSpan Retention { get; init; }
}
