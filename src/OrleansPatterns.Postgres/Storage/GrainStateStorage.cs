namespace OrleansPatterns.Postgres.Storage;

/// <summary>Which provider stores the states of the patterns. Both use the same rows: silos of one cluster may differ.</summary>
public enum GrainStateStorage
{
    /// <summary>No value; refused.</summary>
    None = 0,

    /// <summary>The group-commit storage of this package.</summary>
    GroupCommit = 1,

    /// <summary>Microsoft.Orleans.Persistence.AdoNet: one round trip a state, and rows of expired states stay.</summary>
    AdoNet = 2,
}
