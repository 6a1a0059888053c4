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

    /// <summary>The trace that the saga belongs to, as a W3C <c>traceparent</c>; <see langword="null"/>: one of its own.</summary>
    [Id(2)]
    public string? TraceParent { get; init; }

    /// <summary>The saga of which this one is a step.</summary>
    [Id(3)]
    internal SagaParent? Parent { get; init; }
}
