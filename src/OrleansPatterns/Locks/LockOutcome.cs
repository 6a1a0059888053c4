namespace OrleansPatterns.Locks;

/// <summary>Where a request for a lock stands.</summary>
public enum LockOutcome
{
    /// <summary>Not a valid answer.</summary>
    None = 0,

    /// <summary>The request holds the lock; <see cref="LockReply.FencingToken"/> is set.</summary>
    Granted = 1,

    /// <summary>Others hold the lock; this request waits in the queue, for a while even between calls. Send it again.</summary>
    Queued = 2,

    /// <summary>Others hold the lock and this request did not ask to wait, or it was withdrawn or released before.</summary>
    Busy = 3,
}
