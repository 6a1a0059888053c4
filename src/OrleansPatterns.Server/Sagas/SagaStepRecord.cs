using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The durable truth about one step.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaStepRecord")]
internal sealed record SagaStepRecord
{
    [Id(0)]
    public string Name { get; init; } = "";

    [Id(1)]
    public SagaStepState State { get; init; } = SagaStepState.Pending;

    [Id(2)]
    public SagaTally Action { get; init; } = new();

    [Id(3)]
    public SagaTally Compensation { get; init; } = new();

    /// <summary>Whether the action ended without it being known that it happened. Kept while the step is undone.</summary>
    [Id(4)]
    public bool IsOutcomeUnknown { get; init; }

    [Id(5)]
    public string? LastError { get; init; }
}
