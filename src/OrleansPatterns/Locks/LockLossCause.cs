namespace OrleansPatterns.Locks;

/// <summary>Why a hold was lost.</summary>
internal enum LockLossCause
{
    None = 0,

    /// <summary>Its lease was over and had not been renewed.</summary>
    Expired = 1,

    /// <summary>An operator broke it.</summary>
    Broken = 2,

    /// <summary>A renewal learnt that it was no longer a holder.</summary>
    PassedOn = 3,
}
