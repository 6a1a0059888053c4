namespace OrleansPatterns.CircuitBreakers;

/// <summary>What one process has counted since its last report. Without counts it only asks what is new.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerReport")]
public sealed record BreakerReport
{
    /// <summary>The caller's <see cref="CircuitBreakerOptions.CallerName"/>.</summary>
    [Id(0)]
    public required string Caller { get; init; }

    /// <summary>One run of the caller; a new one at each start.</summary>
    [Id(1)]
    public required Guid Epoch { get; init; }

    /// <summary>Grows by one with each new report of the epoch. A repeated report counts once.</summary>
    [Id(2)]
    public required long Sequence { get; init; }

    /// <summary>The generation in which the calls began. Outcomes of another generation change nothing.</summary>
    [Id(3)]
    public required long Generation { get; init; }

    /// <summary>The highest version that the caller has heard of.</summary>
    [Id(4)]
    public required long Version { get; init; }

    /// <summary>How many calls succeeded.</summary>
    [Id(5)]
    public required int Successes { get; init; }

    /// <summary>How many calls failed.</summary>
    [Id(6)]
    public required int Failures { get; init; }

    /// <summary>How many of both were slow.</summary>
    [Id(7)]
    public int SlowCalls { get; init; }

    /// <summary>How many of the last calls failed with no success in between.</summary>
    [Id(8)]
    public int FailureRun { get; init; }

    /// <summary>The caller's settings; the first ones that the grain hears of count.</summary>
    [Id(9)]
    public required BreakerSettings Settings { get; init; }

    internal CallTally Tally => new(Successes, Failures, SlowCalls, FailureRun);
}
