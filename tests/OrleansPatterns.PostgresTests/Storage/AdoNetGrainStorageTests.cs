namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>The statements of 002_orleans_persistence.sql, through Orleans' own provider.</summary>
public sealed class AdoNetGrainStorageTests(StorageSilo silo)
    : PostgresStorageSuite(silo, StorageSilo.AdoNet, other: StorageSilo.GroupCommit), IClassFixture<StorageSilo>;
