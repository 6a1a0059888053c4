using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The catalog row of a saga, wholly made from its record, so that it can be repaired from it.</summary>
internal static class SagaCatalogRow
{
    /// <param name="sagaId">The saga.</param>
    /// <param name="record">Its record.</param>
    /// <param name="definition">Its definition, where this silo has it.</param>
    /// <param name="wakeIn">When it is to be woken.</param>
    /// <param name="before">The row that is there, where this silo lacks the definition and cannot make the attributes anew.</param>
    internal static CatalogEntry For(
        string sagaId, SagaRecord record, SagaDefinition? definition, TimeSpan? wakeIn, CatalogEntry? before) => new()
    {
        Pattern = PatternNames.Saga,
        Key = sagaId,
        Status = record.Phase.ToString(),
        SummaryJson = JsonSerializer.Serialize(new Summary(
            record.Definition,
            record.Version,
            record.StuckReason ?? record.CompensationReason,
            CurrentSteps(record),
            definition is null ? before is null ? null : SummaryOf(before).Attributes : AttributesOf(definition, record))),
        WakeIn = wakeIn,
        Version = record.Revision,
    };

    /// <summary>What the rows of a query contain.</summary>
    internal static string? ContainedBy(SagaQuery query)
    {
        var contained = new Dictionary<string, object>();
        if (query.Definition is not null)
        {
            contained["definition"] = query.Definition;
        }

        if (query.Step is not null)
        {
            contained["steps"] = new[] { query.Step };
        }

        if (query.Attributes.Count > 0)
        {
            contained["attributes"] = query.Attributes.ToDictionary(attribute => attribute.Key, attribute => SagaBuilder.CutAttribute(attribute.Value));
        }

        return contained.Count == 0 ? null : JsonSerializer.Serialize(contained);
    }

    internal static SagaListing ListingOf(CatalogEntry entry)
    {
        var summary = SummaryOf(entry);
        return new SagaListing
        {
            SagaId = entry.Key,
            Definition = summary.Definition,
            Version = summary.Version,
            Phase = Enum.Parse<SagaPhase>(entry.Status),
            Steps = summary.Steps.IsDefault ? [] : summary.Steps,
            Reason = summary.Reason,
            Attributes = (summary.Attributes ?? ImmutableSortedDictionary<string, string>.Empty).ToImmutableDictionary(),
            StartedAt = entry.CreatedAt,
            UpdatedAt = entry.UpdatedAt,
            Cursor = entry.Cursor,
        };
    }

    private static Summary SummaryOf(CatalogEntry entry) => JsonSerializer.Deserialize<Summary>(entry.SummaryJson)!;

    /// <summary>Attributes are for finding; what cannot be computed must not keep a saga from going on.</summary>
    private static ImmutableSortedDictionary<string, string>? AttributesOf(SagaDefinition? definition, SagaRecord record)
    {
        try
        {
            return definition?.Attributes?.Invoke(record.DataJson);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static ImmutableArray<string> CurrentSteps(SagaRecord record) => record.IsFinal
        ? []
        :
        [
            .. record.Steps
                .Where(step => step.State is SagaStepState.Running or SagaStepState.Waiting or SagaStepState.Compensating
                    or SagaStepState.CompensationFailed or SagaStepState.Unknown or SagaStepState.Rejected)
                .Select(step => step.Name),
        ];

    private sealed record Summary(
        [property: JsonPropertyName("definition")] string Definition,
        [property: JsonPropertyName("version")] int Version,
        [property: JsonPropertyName("reason")] string? Reason,
        [property: JsonPropertyName("steps")] ImmutableArray<string> Steps,
        [property: JsonPropertyName("attributes")] ImmutableSortedDictionary<string, string>? Attributes);
}
