namespace OrleansPatterns.Discovery;

/// <summary>Whether an instance is to be called.</summary>
public enum InstanceStatus
{
    /// <summary>Not a status; refused.</summary>
    None = 0,

    /// <summary>It is listed, but not to be called yet.</summary>
    Starting = 1,

    /// <summary>It is to be called. The default.</summary>
    Up = 2,

    /// <summary>It is to be called, and somebody should look at it.</summary>
    Warning = 3,

    /// <summary>It ends the calls that it has, and takes no new ones.</summary>
    Draining = 4,

    /// <summary>It is not to be called.</summary>
    Down = 5,
}
