namespace OrleansPatterns.Idempotency;

/// <summary>What asking for an operation came to, in metrics and traces.</summary>
internal enum IdempotencyOutcome
{
    None = 0,

    /// <summary>The caller is to do the work.</summary>
    Started = 1,

    /// <summary>The work was done before.</summary>
    Replayed = 2,

    /// <summary>The work was being done, and the caller has waited for its result.</summary>
    Waited = 3,

    /// <summary>The work was being done for as long as the caller was willing to wait.</summary>
    InProgress = 4,

    /// <summary>The key belongs to another payload.</summary>
    Mismatch = 5,

    /// <summary>An executor was lost, and an operator has to decide.</summary>
    Parked = 6,

    /// <summary>The work has failed, and that is remembered.</summary>
    Failed = 7,

    /// <summary>The operation was given up, and its key closed.</summary>
    Sealed = 8,

    /// <summary>The cluster did not answer.</summary>
    Unavailable = 9,

    /// <summary>The caller gave up.</summary>
    Cancelled = 10,

    /// <summary>Anything else: misuse, or a fault.</summary>
    Fault = 11,
}
