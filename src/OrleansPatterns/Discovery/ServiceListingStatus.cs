namespace OrleansPatterns.Discovery;

/// <summary>The state by which a service is found in lists.</summary>
internal enum ServiceListingStatus
{
    /// <summary>Not a status.</summary>
    None = 0,

    /// <summary>All instances are to be called.</summary>
    Up = 1,

    /// <summary>Some are not.</summary>
    Degraded = 2,

    /// <summary>None is.</summary>
    Down = 3,

    /// <summary>So many fell silent together that nobody is removed.</summary>
    Protected = 4,

    /// <summary>No instance is registered.</summary>
    Empty = 5,
}
