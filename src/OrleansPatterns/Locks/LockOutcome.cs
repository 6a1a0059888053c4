namespace OrleansPatterns.Locks;

/// <summary>Where a request for a lock stands.</summary>
public enum LockOutcome
{
    /// <summary>Not a valid answer.</summary>
    None = 0,

    /// <summary>The request holds the lock; <see cref="LockReply.FencingToken"/> is set.</summary>
    Granted = 1,

    /// <summary>Another request holds the lock; this one waits in the queue. Go on with <see cref="ILockGrain.WaitAsync"/>.</summary>
    Queued = 2,

    /// <summary>Another request holds the lock and this one did not ask to wait, or was cancelled or released before.</summary>
    Busy = 3,

    /// <summary>The grain does not know the request, for instance after the crash of a silo. Send <see cref="ILockGrain.AcquireAsync"/> again.</summary>
    Unknown = 4,
}
