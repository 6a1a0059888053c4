namespace OrleansPatterns.Idempotency;

/// <summary>How an execution ended, in metrics and traces.</summary>
internal enum ExecutionOutcome
{
    None = 0,

    /// <summary>Its result is recorded.</summary>
    Completed = 1,

    /// <summary>Its failure is recorded.</summary>
    Failed = 2,

    /// <summary>It was given up, and its key is free.</summary>
    Released = 3,

    /// <summary>Its lease was over, or somebody has taken over.</summary>
    Lost = 4,

    /// <summary>A report, or a transaction, may have recorded a result; the executor does not know.</summary>
    Unknown = 5,
}
