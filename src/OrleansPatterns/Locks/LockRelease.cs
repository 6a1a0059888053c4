namespace OrleansPatterns.Locks;

/// <summary>A hold that its holder has given back.</summary>
/// <param name="RequestId">The request that held the lock.</param>
/// <param name="FencingToken">The token it was granted.</param>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRelease")]
public readonly record struct LockRelease([property: Id(0)] Guid RequestId, [property: Id(1)] long FencingToken);
