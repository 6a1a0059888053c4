namespace OrleansPatterns.Sagas;

/// <summary>What a saga came to.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaOutput")]
public sealed record SagaOutput
{
    /// <summary>The saga.</summary>
    [Id(0)]
    public required SagaStatus Status { get; init; }

    /// <summary>The result of a completed saga as JSON; <see langword="null"/>: it is not completed.</summary>
    [Id(1)]
    public string? ResultJson { get; init; }

    /// <summary>The data as JSON, as the last step that succeeded left it.</summary>
    [Id(2)]
    public required string DataJson { get; init; }
}
