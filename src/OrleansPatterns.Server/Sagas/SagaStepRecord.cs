using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The durable truth about one step.</summary>
[GenerateSerializer, Immutable, OmitDefaultMemberValues, Alias("OrleansPatterns.SagaStepRecord")]
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

    /// <summary>
    /// When the next attempt may begin, the delay is over, the signal's time is up; null: at once, or never. By the clock of the cluster as the
    /// silos know it: hours or days away, and what it is compared with comes from the catalog's clock, which wakes the saga.
    /// </summary>
    [Id(6)]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The signal that it has had.</summary>
    [Id(7)]
    public Guid? SignalId { get; init; }

    /// <summary>Whether an attempt is under way, as far as anybody knows.</summary>
    internal bool IsOpen => Action.IsOpen || Compensation.IsOpen;
}
