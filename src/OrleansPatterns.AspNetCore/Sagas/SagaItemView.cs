using System.Collections.Immutable;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.AspNetCore.Sagas;

/// <summary>A saga in a list.</summary>
internal sealed record SagaItemView(
    string Id,
    string Definition,
    int Version,
    SagaPhase Phase,
    ImmutableArray<string> Steps,
    string? Reason,
    IReadOnlyDictionary<string, string> Attributes,
    DateTimeOffset StartedAt,
    DateTimeOffset UpdatedAt)
{
    internal static SagaItemView Of(SagaListing saga) => new(
        saga.SagaId,
        saga.Definition,
        saga.Version,
        saga.Phase,
        saga.Steps,
        saga.Reason,
        saga.Attributes.ToImmutableSortedDictionary(StringComparer.Ordinal),
        saga.StartedAt,
        saga.UpdatedAt);
}
