namespace OrleansPatterns.Idempotency;

/// <summary>What a caller is to do about a key.</summary>
public enum BeginOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>The caller is the executor: run the work and complete it with the token.</summary>
    Started = 1,

    /// <summary>The work is done; the reply carries its result.</summary>
    Completed = 2,

    /// <summary>Another executor is at work.</summary>
    InProgress = 3,

    /// <summary>The key belongs to another payload.</summary>
    FingerprintMismatch = 4,

    /// <summary>An executor was lost, and an operator has to decide.</summary>
    Parked = 5,

    /// <summary>This very request has been executed and has ended; it is a late repetition that nobody waits for.</summary>
    Ended = 6,

    /// <summary>The work failed and does not run again; the reply carries the failure.</summary>
    Failed = 7,

    /// <summary>The key is closed, whatever the payload: the operation was given up and does not run.</summary>
    Sealed = 8,
}
