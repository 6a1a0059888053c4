namespace OrleansPatterns.Sagas;

/// <summary>A signal on its way to a saga.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaSignal")]
public sealed record SagaSignal
{
    /// <summary>Tells a repeated call from a second signal.</summary>
    [Id(0)]
    public required Guid SignalId { get; init; }

    /// <summary>The signal's name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>What comes with it, as JSON.</summary>
    [Id(2)]
    public required string PayloadJson { get; init; }
}
