namespace OrleansPatterns.Sagas;

/// <summary>Where one step of a saga stands.</summary>
public enum SagaStepState
{
    /// <summary>Not a state.</summary>
    None = 0,

    /// <summary>Its turn has not come, or it has to wait for room; see <see cref="ISagaBuilder{TData}.MaxConcurrency"/>.</summary>
    Pending = 1,

    /// <summary>The action runs, or waits to be tried again.</summary>
    Running = 2,

    /// <summary>The action is done; the signal has come; the delay is over; the child saga is completed.</summary>
    Succeeded = 3,

    /// <summary>
    /// It has not happened, and there is nothing to undo: the action said no, the signal did not come in time, the child saga undid itself.
    /// </summary>
    Rejected = 4,

    /// <summary>The action may have happened or not.</summary>
    Unknown = 5,

    /// <summary>The compensation runs, or waits to be tried again.</summary>
    Compensating = 6,

    /// <summary>The step is undone.</summary>
    Compensated = 7,

    /// <summary>The compensation failed at its last attempt; the saga is stuck.</summary>
    CompensationFailed = 8,

    /// <summary>It waits: for its signal, for the end of its delay, for its child saga.</summary>
    Waiting = 9,

    /// <summary>
    /// It was passed over: its condition did not hold, its signal was not needed, the saga turned round while it waited, or an operator said so.
    /// </summary>
    Skipped = 10,

    /// <summary>An operator had its compensation passed over.</summary>
    CompensationSkipped = 11,
}
