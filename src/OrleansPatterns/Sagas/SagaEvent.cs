namespace OrleansPatterns.Sagas;

/// <summary>What can happen to a saga.</summary>
public enum SagaEvent
{
    /// <summary>Not an event.</summary>
    None = 0,

    /// <summary>It was started.</summary>
    Started = 1,

    /// <summary>An attempt succeeded.</summary>
    Succeeded = 2,

    /// <summary>An attempt said no: it has not happened.</summary>
    Rejected = 3,

    /// <summary>An attempt failed or timed out.</summary>
    Failed = 4,

    /// <summary>An attempt was never answered: its silo is gone.</summary>
    Lost = 5,

    /// <summary>An attempt was cut off because its silo stopped; it does not count.</summary>
    Interrupted = 6,

    /// <summary>A signal came.</summary>
    Signalled = 7,

    /// <summary>A signal did not come in time.</summary>
    DeadlinePassed = 8,

    /// <summary>Cancelling was asked for.</summary>
    CancelRequested = 9,

    /// <summary>It turned round and is being undone.</summary>
    TurnedRound = 10,

    /// <summary>It is stuck.</summary>
    Stuck = 11,

    /// <summary>It is parked.</summary>
    Parked = 12,

    /// <summary>It came to its end.</summary>
    Ended = 13,

    /// <summary>An operator had it tried again, or its missing definition was found.</summary>
    Retried = 14,

    /// <summary>An operator had a step passed over.</summary>
    Skipped = 15,

    /// <summary>An operator gave it up.</summary>
    GivenUp = 16,

    /// <summary>A child saga came to its end.</summary>
    ChildEnded = 17,
}
