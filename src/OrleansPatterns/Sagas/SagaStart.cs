namespace OrleansPatterns.Sagas;

/// <summary>A wish to start a saga.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaStart")]
public sealed record SagaStart
{
    /// <summary>The name of the definition.</summary>
    [Id(0)]
    public required string Definition { get; init; }

    /// <summary>The data as JSON. Two starts are the same if this text is the same.</summary>
    [Id(1)]
    public required string DataJson { get; init; }
}
