namespace OrleansPatterns.CircuitBreakers;

/// <summary>By whose word a process goes.</summary>
internal enum BreakerAuthority
{
    None = 0,
    Cluster = 1,

    /// <summary>Its own: the cluster does not answer.</summary>
    Process = 2,
}
