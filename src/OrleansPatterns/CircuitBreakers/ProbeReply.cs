namespace OrleansPatterns.CircuitBreakers;

/// <summary>The answer to a process that wants to try whether the dependency is well again.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.ProbeReply")]
public sealed record ProbeReply
{
    /// <summary>The permit's id; zero: no permit now.</summary>
    [Id(0)]
    public long PermitId { get; init; }

    /// <summary>Without a permit: when to ask again at the earliest. Never negative.</summary>
    [Id(1)]
    public TimeSpan RetryAfter { get; init; }

    /// <summary>What the cluster has decided by now.</summary>
    [Id(2)]
    public required BreakerSnapshot Snapshot { get; init; }
}
