namespace OrleansPatterns.Locks;

/// <summary>The state by which a lock is found in lists.</summary>
internal enum LockListingStatus
{
    /// <summary>Not a status.</summary>
    None = 0,

    /// <summary>Somebody holds it.</summary>
    Held = 1,

    /// <summary>Somebody waits for it.</summary>
    Contended = 2,
}
