namespace OrleansPatterns.Tests.Locks;

/// <summary>One cluster for all classes that run the suites against <see cref="OrleansPatterns.Locks.LockDurability.WriteThrough"/>.</summary>
[CollectionDefinition]
public sealed class WriteThroughSuites : ICollectionFixture<WriteThroughCluster>;
