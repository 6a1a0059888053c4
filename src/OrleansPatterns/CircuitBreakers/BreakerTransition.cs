using System.Collections.Immutable;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>One change of a breaker, made once for the cluster.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerTransition")]
public sealed record BreakerTransition
{
    /// <summary>Grows with each change of the breaker, with gaps.</summary>
    [Id(0)]
    public required long Version { get; init; }

    /// <summary>The state before.</summary>
    [Id(1)]
    public required BreakerState From { get; init; }

    /// <summary>The state after. <see cref="BreakerState.Open"/> or <see cref="BreakerState.LocalOpen"/> from <see cref="BreakerState.MetricsOnly"/>: it would have opened.</summary>
    [Id(2)]
    public required BreakerState To { get; init; }

    /// <summary>Why.</summary>
    [Id(3)]
    public required string Reason { get; init; }

    /// <summary>Who decided by hand; <see langword="null"/>: the breaker itself.</summary>
    [Id(4)]
    public string? Author { get; init; }

    /// <summary>By the clock of the silo that decided.</summary>
    [Id(5)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The callers whom alone it concerns; empty: all.</summary>
    [Id(6)]
    public ImmutableArray<string> OnlyCallers { get; init; } = [];

    /// <summary>What the decision was based on: the ten callers with the most failures, the worst first.</summary>
    [Id(7)]
    public ImmutableArray<BreakerCallerStatus> Callers { get; init; } = [];
}
