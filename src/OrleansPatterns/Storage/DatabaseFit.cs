namespace OrleansPatterns.Storage;

/// <summary>Whether a database is what a process needs.</summary>
internal enum DatabaseFit
{
    None = 0,

    /// <summary>It has a schema that this build can work with.</summary>
    Fits = 1,

    /// <summary>A newer build has brought its schema on. This process works with it, and would not start on it again.</summary>
    IsNewer = 2,

    /// <summary>It lacks what this build needs.</summary>
    Lacks = 3,

    /// <summary>It cannot be reached, or refuses.</summary>
    IsAway = 4,
}
