namespace OrleansPatterns.Postgres.Batching;

/// <summary>What batches are of.</summary>
internal enum BatchKind
{
    None = 0,

    /// <summary>Writes of grain state.</summary>
    StateWrite = 1,

    /// <summary>Reads of grain state.</summary>
    StateRead = 2,

    /// <summary>Writes of catalog rows.</summary>
    CatalogWrite = 3,
}
