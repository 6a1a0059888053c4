namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>Orleans' own storage for tests: what it passes, grains may rely on in TestCluster as well.</summary>
public sealed class MemoryGrainStorageTests(StorageSilo silo) : GrainStorageSuite(silo, StorageSilo.Memory), IClassFixture<StorageSilo>;
