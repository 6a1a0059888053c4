namespace OrleansPatterns.Server.Sagas;

/// <summary>One attempt, before its data has a type.</summary>
internal sealed record SagaStepCall
{
    public required string SagaId { get; init; }

    public required string StepName { get; init; }

    public required SagaDirection Direction { get; init; }

    public required int Attempt { get; init; }

    public required bool IsOutcomeUnknown { get; init; }

    public required string DataJson { get; init; }

    public required int MaxDataBytes { get; init; }

    public required IServiceProvider Services { get; init; }

    /// <summary>The trace that the saga belongs to.</summary>
    public string? TraceParent { get; init; }
}
