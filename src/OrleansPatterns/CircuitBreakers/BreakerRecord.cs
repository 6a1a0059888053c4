using System.Collections.Immutable;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>What is durable of a breaker. Permits are, so that neither a crash nor a second activation lets more probes through than are allowed.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerRecord")]
internal sealed record BreakerRecord
{
    // Ids 0 to 4 are those of a former shape.

    /// <summary>Grows by one with each change.</summary>
    [Id(5)]
    public long Version { get; init; }

    [Id(6)]
    public BreakerCircuit Cluster { get; init; } = new();

    /// <summary>Circuits of callers that were cut off alone since the cluster's last changed. Closed ones stay, for their generation.</summary>
    [Id(7)]
    public ImmutableArray<BreakerCallerCircuit> CallerCircuits { get; init; } = [];

    [Id(8)]
    public BreakerOverride? Override { get; init; }

    /// <summary>When the override ends, by the cluster's clock; <see langword="null"/>: never, or that clock was not known.</summary>
    [Id(9)]
    public DateTimeOffset? OverrideEndsAt { get; init; }

    /// <summary>The settings of the last change; what a new activation goes by until a process reports.</summary>
    [Id(10)]
    public BreakerSettings? Settings { get; init; }

    /// <summary>The last changes of state, the oldest first.</summary>
    [Id(11)]
    public ImmutableArray<BreakerTransition> History { get; init; } = [];

    /// <summary>Permits of probes that were under way when their circuit changed. They decide nothing any more, and count as under way until they end or lapse.</summary>
    [Id(12)]
    public ImmutableArray<long> RetiredPermits { get; init; } = [];

    /// <summary>The last decisions by hand, the oldest first: attempts of theirs that come late are known by it.</summary>
    [Id(13)]
    public ImmutableArray<Guid> Decisions { get; init; } = [];

    /// <summary>The callers' circuits by name. Not stored as such: the JSON form of rows cannot read immutable dictionaries.</summary>
    internal ImmutableDictionary<string, BreakerCircuit> Callers
    {
        get => field ??= CallerCircuits.ToImmutableDictionary(own => own.Caller, own => own.Circuit, StringComparer.Ordinal);
        init => (field, CallerCircuits) = (value, [.. value.Select(own => new BreakerCallerCircuit { Caller = own.Key, Circuit = own.Value })]);
    }
}
