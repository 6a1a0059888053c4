namespace OrleansPatterns.Locks;

/// <summary>What a request wants of a lock, and so beside whom it may hold it.</summary>
public enum LockMode
{
    /// <summary>Not a valid mode.</summary>
    None = 0,

    /// <summary>Beside nobody. A plain lock is this.</summary>
    Write = 1,

    /// <summary>Beside other readers, and beside one that may become the writer.</summary>
    Read = 2,

    /// <summary>Beside readers, and may become the writer without letting go. At most one at a time.</summary>
    UpgradeableRead = 3,

    /// <summary>One of the places of a semaphore: beside as many others as <see cref="LockRequest.Permits"/> allows.</summary>
    Permit = 4,
}
