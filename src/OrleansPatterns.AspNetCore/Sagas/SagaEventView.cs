using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <summary>One thing that happened to a saga.</summary>
internal sealed record SagaEventView(
    SagaEvent Event,
    DateTimeOffset At,
    string? Step,
    int Attempt,
    bool IsCompensation,
    DateTimeOffset? BegunAt,
    string? Silo,
    string? Detail,
    string? By)
{
    internal static SagaEventView Of(SagaHistoryEntry entry) => new(
        entry.Event, entry.At, entry.Step, entry.Attempt, entry.IsCompensation, entry.BegunAt, entry.Silo, entry.Detail, entry.By);
}
