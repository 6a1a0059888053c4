namespace OrleansPatterns.Server.Idempotency;

/// <summary>What was last written about a key. What it means now also depends on time: see <see cref="IdempotencyRules.PhaseOf"/>.</summary>
internal enum ExecutionStatus
{
    /// <summary>No execution: never begun, failed, or freed by an operator.</summary>
    None = 0,

    /// <summary>An execution was begun and has not reported its end.</summary>
    InProgress = 1,

    /// <summary>An execution has reported its result.</summary>
    Completed = 2,

    /// <summary>The executor was lost, and an operator has to decide.</summary>
    Parked = 3,

    /// <summary>An execution has failed, and its failure is the result.</summary>
    Failed = 4,

    /// <summary>Closed to executions before one has completed.</summary>
    Sealed = 5,
}
