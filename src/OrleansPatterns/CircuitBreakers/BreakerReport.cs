namespace OrleansPatterns.CircuitBreakers;

/// <summary>What one process has counted since its last report.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerReport")]
public sealed record BreakerReport
{
    /// <summary>The process; a new one at each start.</summary>
    [Id(0)]
    public required Guid CallerId { get; init; }

    /// <summary>Grows by one with each new report of the caller. A repeated report counts once.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>The generation in which the calls began. Outcomes of an older generation change nothing.</summary>
    [Id(2)]
    public required long Generation { get; init; }

    /// <summary>How many calls succeeded.</summary>
    [Id(3)]
    public required int Successes { get; init; }

    /// <summary>How many calls failed.</summary>
    [Id(4)]
    public required int Failures { get; init; }

    /// <summary>The caller's settings; the first ones that the grain hears of count.</summary>
    [Id(5)]
    public required BreakerSettings Settings { get; init; }
}
