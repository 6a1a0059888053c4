namespace OrleansPatterns.Server.Locks;

/// <summary>Whom the lock was granted to.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockHolder")]
internal sealed record LockHolder
{
    [Id(0)]
    public required Guid RequestId { get; init; }

    [Id(1)]
    public required long Token { get; init; }

    [Id(2)]
    public required string Owner { get; init; }

    /// <summary>The longest the holder may count on from the sending of its last call: short until a grant after waiting is confirmed.</summary>
    [Id(3)]
    public required TimeSpan Lease { get; init; }
}
