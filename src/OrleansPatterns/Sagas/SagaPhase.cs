namespace OrleansPatterns.Sagas;

/// <summary>Where a saga as a whole stands.</summary>
public enum SagaPhase
{
    /// <summary>There is no such saga.</summary>
    None = 0,

    /// <summary>Steps are being done.</summary>
    Running = 1,

    /// <summary>Steps are being undone.</summary>
    Compensating = 2,

    /// <summary>All steps are done. Final.</summary>
    Completed = 3,

    /// <summary>What was done, or may have been, is undone. Final.</summary>
    Compensated = 4,

    /// <summary>
    /// A step that may no longer be undone, or an undoing, has failed for the last time; see <see cref="SagaStatus.StuckReason"/>.
    /// <see cref="ISagaOperations"/> makes it go on.
    /// </summary>
    Stuck = 5,

    /// <summary>
    /// It was stopped so that it does no harm: a step that seems to take silos down, data that cannot be read, a definition that is missing or
    /// was changed; see <see cref="SagaStatus.StuckReason"/>. One whose definition is missing goes on by itself once a silo has it; the others by
    /// <see cref="ISagaOperations"/>.
    /// </summary>
    Parked = 6,

    /// <summary>An operator has given it up: what was done, or may have been, stands. Final.</summary>
    GivenUp = 7,
}
