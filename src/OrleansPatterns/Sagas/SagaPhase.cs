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
    /// It cannot go on by itself; see <see cref="SagaStatus.StuckReason"/>. <see cref="ISagaClient.RetryAsync"/> makes it go on.
    /// </summary>
    Stuck = 5,
}
