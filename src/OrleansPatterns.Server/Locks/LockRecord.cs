namespace OrleansPatterns.Server.Locks;

/// <summary>What is durable of a lock. The row is never cleared, or tokens would start again.</summary>
/// <remarks>It holds durations and no instants: nobody ever compares the clocks of two machines.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRecord")]
internal sealed record LockRecord
{
    /// <summary>The token of the latest grant. Grows by 1 with each, and never shrinks.</summary>
    [Id(0)]
    public long LastToken { get; init; }

    /// <summary>Grows with each renewal, so that a renewal changes the row and takes the ETag away from every other activation.</summary>
    [Id(1)]
    public long Revision { get; init; }

    [Id(2)]
    public LockHolder? Holder { get; init; }
}
