namespace OrleansPatterns.Idempotency;

/// <summary>Where a key stands.</summary>
public enum IdempotencyPhase
{
    /// <summary>Not a standing.</summary>
    None = 0,

    /// <summary>Free: never used, freed after a failure, or expired.</summary>
    Free = 1,

    /// <summary>An executor is at work and its lease lasts.</summary>
    InProgress = 2,

    /// <summary>An executor was at work and its lease has ended; the next caller takes over or parks the key.</summary>
    Abandoned = 3,

    /// <summary>There is a result.</summary>
    Completed = 4,

    /// <summary>There is a remembered failure.</summary>
    Failed = 5,

    /// <summary>An executor was lost, and an operator has to decide.</summary>
    Parked = 6,

    /// <summary>Closed before any execution completed: nothing begins until the seal ends.</summary>
    Sealed = 7,
}
