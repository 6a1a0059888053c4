namespace OrleansPatterns.CircuitBreakers;

/// <summary>A breaker as an operator sees it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerStatus")]
public sealed record BreakerStatus
{
    /// <summary>What the cluster has decided.</summary>
    [Id(0)]
    public required BreakerSnapshot Snapshot { get; init; }

    /// <summary>Successes within the sampling duration, of all processes.</summary>
    [Id(1)]
    public required int Successes { get; init; }

    /// <summary>Failures within the sampling duration, of all processes.</summary>
    [Id(2)]
    public required int Failures { get; init; }

    /// <summary>How many processes have reported within the sampling duration.</summary>
    [Id(3)]
    public required int Callers { get; init; }
}
