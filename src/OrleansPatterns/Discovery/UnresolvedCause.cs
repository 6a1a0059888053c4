namespace OrleansPatterns.Discovery;

/// <summary>Why there was no instance to call.</summary>
internal enum UnresolvedCause
{
    None = 0,

    /// <summary>The list is empty.</summary>
    NoneListed = 1,

    /// <summary>None of those in the list is to be called, or the caller's filter takes none.</summary>
    NoneUsable = 2,
}
