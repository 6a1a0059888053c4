namespace OrleansPatterns.Server.Idempotency;

/// <summary>What became of an execution whose executor was lost.</summary>
internal enum LostExecutorOutcome
{
    None = 0,

    /// <summary>Another executor runs the work anew.</summary>
    TakenOver = 1,

    /// <summary>An operator has to decide.</summary>
    Parked = 2,

    /// <summary>The operation is given up.</summary>
    Sealed = 3,

    /// <summary>Its transaction had committed: the work is done.</summary>
    Committed = 4,
}
