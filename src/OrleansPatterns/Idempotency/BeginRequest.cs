namespace OrleansPatterns.Idempotency;

/// <summary>A caller's wish to execute the operation behind a key.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BeginRequest")]
public sealed record BeginRequest
{
    /// <summary>The longest fingerprint, in UTF-16 code units.</summary>
    public const int MaxFingerprintLength = 512;

    internal static readonly TimeSpan MinLease = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan MaxLease = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan MaxRetention = TimeSpan.FromDays(366);

    /// <summary>Names this one execution: the same in every repetition of the request, never used for another execution. Not empty.</summary>
    [Id(0)]
    public required Guid RequestId { get; init; }

    /// <summary>Stands for the payload: equal for equal payloads, as a hash is. 1 to 512 characters.</summary>
    [Id(1)]
    public required string Fingerprint { get; init; }

    /// <summary>How long the executor may stay silent. 1 second to 10 minutes.</summary>
    [Id(2)]
    public required TimeSpan Lease { get; init; }

    /// <summary>How long after its beginning a lost execution that nobody repeats is forgotten. At least <see cref="Lease"/>, at most 366 days.</summary>
    [Id(3)]
    public required TimeSpan Retention { get; init; }

    /// <summary>What becomes of the key when this executor is lost.</summary>
    [Id(4)]
    public required OnAbandoned OnAbandoned { get; init; }
}
