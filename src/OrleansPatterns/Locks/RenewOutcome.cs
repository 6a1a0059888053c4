namespace OrleansPatterns.Locks;

/// <summary>The answer to a renewal.</summary>
public enum RenewOutcome
{
    /// <summary>Not a valid answer.</summary>
    None = 0,

    /// <summary>The lease is the caller's for its full length, counted from before the renewal was sent.</summary>
    Renewed = 1,

    /// <summary>The caller does not hold the lock, and will not with this token again.</summary>
    NotHolder = 2,
}
