namespace OrleansPatterns.CircuitBreakers;

/// <summary>What the cluster has decided, as it concerns one caller.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerSnapshot")]
public sealed record BreakerSnapshot
{
    /// <summary>The state.</summary>
    [Id(0)]
    public required BreakerState State { get; init; }

    /// <summary>Differs after each change of this state; outcomes of calls that began in another generation count for nothing.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>For how long calls are still refused, or the decision by hand still holds, counted from when this was sent. Zero: no end is known, or none is needed.</summary>
    [Id(2)]
    public TimeSpan OpenFor { get; init; }

    /// <summary>Why the breaker is not closed; <see langword="null"/> if it is.</summary>
    [Id(3)]
    public string? Reason { get; init; }

    /// <summary>Grows with each change of anything; of two snapshots the one with the higher version is the newer.</summary>
    [Id(4)]
    public long Version { get; init; }

    /// <summary>The settings by which the cluster decides, if they are not those of the process that asked.</summary>
    [Id(5)]
    public BreakerSettings? OtherSettings { get; init; }

    /// <summary>Whose settings those are.</summary>
    [Id(6)]
    public string? OtherSettingsFrom { get; init; }
}
