namespace OrleansPatterns.Discovery;

/// <summary>How an instance is picked.</summary>
public enum LoadBalancing
{
    /// <summary>Not a policy; refused.</summary>
    None = 0,

    /// <summary>One after the other, for each service in this process. The default.</summary>
    RoundRobin = 1,

    /// <summary>Any, with equal chance.</summary>
    Random = 2,
}
