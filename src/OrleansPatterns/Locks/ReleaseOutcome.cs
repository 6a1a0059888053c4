namespace OrleansPatterns.Locks;

/// <summary>The answer to a release.</summary>
[GenerateSerializer, Alias("OrleansPatterns.ReleaseOutcome")]
public enum ReleaseOutcome
{
    /// <summary>Not a valid answer.</summary>
    None = 0,

    /// <summary>The caller held the lock, or may have, and now does not.</summary>
    Released = 1,

    /// <summary>The caller did not hold the lock, for instance because this is a repetition. Nothing changed.</summary>
    NotHolder = 2,
}
