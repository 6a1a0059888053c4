using System.Collections.Immutable;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>A circuit that opens and closes: the cluster's, or that of one caller whose own calls fail. No instants: what was open when its silo died stays open for one whole break more.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerCircuit")]
internal sealed record BreakerCircuit
{
    /// <summary>Closed, Open or HalfOpen.</summary>
    [Id(0)]
    public BreakerState State { get; init; } = BreakerState.Closed;

    /// <summary>The record's version when the state last changed. Outcomes of calls that began under another one count for nothing.</summary>
    [Id(1)]
    public long Generation { get; init; }

    /// <summary>The length of the present break.</summary>
    [Id(2)]
    public TimeSpan BreakDuration { get; init; }

    /// <summary>How often a probe has failed since the circuit was closed.</summary>
    [Id(3)]
    public int Reopenings { get; init; }

    [Id(4)]
    public string? Reason { get; init; }

    [Id(5)]
    public int SuccessfulProbes { get; init; }

    /// <summary>The probes under way.</summary>
    [Id(6)]
    public ImmutableArray<long> Permits { get; init; } = [];
}
