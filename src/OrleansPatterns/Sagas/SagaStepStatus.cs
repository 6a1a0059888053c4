namespace OrleansPatterns.Sagas;

/// <summary>One step of a saga.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaStepStatus")]
public sealed record SagaStepStatus
{
    /// <summary>The step's name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(1)]
    public required SagaStepState State { get; init; }

    /// <summary>How many attempts of the action were begun.</summary>
    [Id(2)]
    public int Attempts { get; init; }

    /// <summary>How many attempts of the compensation were begun.</summary>
    [Id(3)]
    public int CompensationAttempts { get; init; }

    /// <summary>
    /// What went wrong last, in the action or the compensation, cut after 1,000 characters; <see langword="null"/>: nothing.
    /// </summary>
    [Id(4)]
    public string? LastError { get; init; }

    /// <summary>
    /// When it is tried again, its delay ends or its signal is due; <see langword="null"/>: it waits for nothing of the kind.
    /// </summary>
    [Id(5)]
    public DateTimeOffset? DueAt { get; init; }
}
