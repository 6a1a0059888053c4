namespace OrleansPatterns.Sagas;

/// <summary>What became of a wish to cancel a saga.</summary>
public enum SagaCancelOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>There is no such saga.</summary>
    NotFound = 1,

    /// <summary>
    /// The wish is noted: the saga is being undone, or will be when what its pivot is doing at this moment turns out not to have happened.
    /// </summary>
    Requested = 2,

    /// <summary>It is being undone, or is undone; nothing changed.</summary>
    AlreadyUndone = 3,

    /// <summary>It is past its pivot, completed or given up; nothing changed.</summary>
    TooLate = 4,
}
