using System.Collections.Immutable;

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

    /// <summary>How many processes have reported calls within the sampling duration.</summary>
    [Id(3)]
    public required int Callers { get; init; }

    /// <summary>Slow calls within the sampling duration, of all processes.</summary>
    [Id(4)]
    public int SlowCalls { get; init; }

    /// <summary>The same by caller, and whoever is cut off alone; the most failures first.</summary>
    [Id(5)]
    public ImmutableArray<BreakerCallerStatus> ByCaller { get; init; } = [];

    /// <summary>The last ten changes, durable, the oldest first.</summary>
    [Id(6)]
    public ImmutableArray<BreakerTransition> History { get; init; } = [];

    /// <summary>The decision by hand that is in force.</summary>
    [Id(7)]
    public BreakerOverride? Override { get; init; }

    /// <summary>What the cluster decides by: the settings of whoever reported first, or the defaults as long as nobody has.</summary>
    [Id(8)]
    public BreakerSettings? Settings { get; init; }
}
