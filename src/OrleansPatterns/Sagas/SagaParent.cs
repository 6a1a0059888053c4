namespace OrleansPatterns.Sagas;

/// <summary>The step that a saga was started by.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaParent")]
internal sealed record SagaParent
{
    [Id(0)]
    public required string SagaId { get; init; }

    [Id(1)]
    public required string StepName { get; init; }
}
