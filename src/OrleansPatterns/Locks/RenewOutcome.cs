namespace OrleansPatterns.Locks;

/// <summary>How a renewal ended.</summary>
public enum RenewOutcome
{
    /// <summary>Not a valid answer.</summary>
    None = 0,

    /// <summary>The lease is the caller's for its full length, counted from before the renewal was sent.</summary>
    Renewed = 1,

    /// <summary>The caller does not hold the lock, and will not with this token again.</summary>
    NotHolder = 2,

    /// <summary>Not known: the lock did not answer the relay in time. The hold is neither renewed nor lost by this; try again.</summary>
    Unknown = 3,
}
