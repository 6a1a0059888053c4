namespace OrleansPatterns.Sagas;

/// <summary>Where one step of a saga stands.</summary>
public enum SagaStepState
{
    /// <summary>Not a state.</summary>
    None = 0,

    /// <summary>Its turn has not come.</summary>
    Pending = 1,

    /// <summary>The action runs, or waits to be tried again.</summary>
    Running = 2,

    /// <summary>The action is done.</summary>
    Succeeded = 3,

    /// <summary>The action said no: it has not happened, and there is nothing to undo.</summary>
    Rejected = 4,

    /// <summary>The action may have happened or not.</summary>
    Unknown = 5,

    /// <summary>The compensation runs, or waits to be tried again.</summary>
    Compensating = 6,

    /// <summary>The step is undone.</summary>
    Compensated = 7,

    /// <summary>The compensation failed at its last attempt; the saga is stuck.</summary>
    CompensationFailed = 8,
}
