namespace OrleansPatterns.Locks;

/// <summary>How asking for a lock ended, in metrics and traces.</summary>
internal enum LockAcquireOutcome
{
    None = 0,
    Acquired = 1,

    /// <summary>Others held it for the whole timeout.</summary>
    TimedOut = 2,

    /// <summary>The caller gave up.</summary>
    Cancelled = 3,

    /// <summary>The cluster did not answer.</summary>
    Unavailable = 4,

    /// <summary>Anything else: misuse, or a fault.</summary>
    Fault = 5,
}
