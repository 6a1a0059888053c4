namespace OrleansPatterns.Locks;

/// <summary>When what a lock grain decides is written.</summary>
public enum LockDurability
{
    /// <summary>Not a valid value.</summary>
    None = 0,

    /// <summary>
    /// The grain claims the lock for some seconds ahead by one write and decides from memory in that time. After the crash of a silo nobody
    /// <em>new</em> gets the lock until the claim has run out; holders live on.
    /// </summary>
    Leased = 1,

    /// <summary>
    /// Every grant, renewal and release is written before it is answered. As safe as <see cref="Leased"/> and slower; after the crash of a silo
    /// a lock that was free is granted at once.
    /// </summary>
    WriteThrough = 2,
}
