namespace OrleansPatterns.Server.Locks;

/// <summary>Why a holder is none any more, though it has not released its lock.</summary>
internal enum LockEvictionCause
{
    None = 0,

    /// <summary>It did not renew its lease.</summary>
    Expired = 1,

    /// <summary>An operator broke its hold.</summary>
    Broken = 2,
}
