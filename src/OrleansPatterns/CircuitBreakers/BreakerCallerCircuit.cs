namespace OrleansPatterns.CircuitBreakers;

/// <summary>The circuit of a caller that was cut off alone.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.BreakerCallerCircuit")]
internal sealed record BreakerCallerCircuit
{
    [Id(0)]
    public required string Caller { get; init; }

    [Id(1)]
    public required BreakerCircuit Circuit { get; init; }
}
