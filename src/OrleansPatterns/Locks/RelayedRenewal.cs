namespace OrleansPatterns.Locks;

/// <summary>A renewal, and the key of the lock that it is for.</summary>
/// <param name="Key">The lock's name, as the grain knows it.</param>
/// <param name="Renewal">The renewal.</param>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.RelayedRenewal")]
internal sealed record RelayedRenewal([property: Id(0)] string Key, [property: Id(1)] LockRenewal Renewal);
