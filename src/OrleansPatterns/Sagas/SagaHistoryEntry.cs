namespace OrleansPatterns.Sagas;

/// <summary>One thing that happened to a saga.</summary>
[GenerateSerializer, Immutable, OmitDefaultMemberValues, Alias("OrleansPatterns.SagaHistoryEntry")]
public sealed record SagaHistoryEntry
{
    /// <summary>What happened.</summary>
    [Id(0)]
    public required SagaEvent Event { get; init; }

    /// <summary>When, by the clock of the silo that wrote it. For an attempt: when its end was recorded.</summary>
    [Id(1)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The step; <see langword="null"/>: it concerns the saga as a whole.</summary>
    [Id(2)]
    public string? Step { get; init; }

    /// <summary>For an attempt: its number, from 1. Otherwise 0.</summary>
    [Id(3)]
    public int Attempt { get; init; }

    /// <summary>For an attempt: whether it was of the compensation.</summary>
    [Id(4)]
    public bool IsCompensation { get; init; }

    /// <summary>For an attempt: when it was recorded as begun. Otherwise <see langword="null"/>.</summary>
    [Id(5)]
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>For an attempt: the silo that it ran in. Otherwise <see langword="null"/>.</summary>
    [Id(6)]
    public string? Silo { get; init; }

    /// <summary>What went wrong, or why it was done; cut after 1,000 characters.</summary>
    [Id(7)]
    public string? Detail { get; init; }

    /// <summary>Who did it, where it was an operator.</summary>
    [Id(8)]
    public string? By { get; init; }

    /// <summary>By which a repeated call of an operator is told from a second one.</summary>
    [Id(9)]
    public Guid InterventionId { get; init; }
}
