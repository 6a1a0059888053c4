using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>A step as described. A body takes the data as JSON and gives back what it has become.</summary>
internal sealed record SagaStepDefinition
{
    public required string Name { get; init; }

    public required Func<SagaStepCall, CancellationToken, Task<string>> Action { get; init; }

    /// <summary>Null: there is nothing to undo.</summary>
    public Func<SagaStepCall, CancellationToken, Task<string>>? Compensation { get; init; }

    public required SagaRetry Retry { get; init; }

    public required SagaRetry CompensationRetry { get; init; }

    public required TimeSpan Timeout { get; init; }
}
