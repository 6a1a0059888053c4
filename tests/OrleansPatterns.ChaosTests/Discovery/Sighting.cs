namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>A list has begun to say something else of an instance.</summary>
internal readonly record struct Sighting(long At, long Version, Sight Sight);
