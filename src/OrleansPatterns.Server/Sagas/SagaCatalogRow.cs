using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The catalog row of a saga, wholly made from its record, so that it can be repaired from it.</summary>
internal static class SagaCatalogRow
{
    /// <summary>
    /// The row of a saga whose record is about to be written for the first time, so that a crash in between loses nothing.
    /// </summary>
    /// <remarks>
    /// Its version is that of the record which is there, so that the removal of an older announcement cannot remove this one.
    /// </remarks>
    internal static CatalogEntry Announce(string sagaId, SagaDefinition definition, SagaRecord record, TimeSpan recoveryInterval) =>
        For(
            sagaId,
            record with { Definition = definition.Name, Version = definition.Version, Phase = SagaPhase.Running },
            recoveryInterval);

    internal static CatalogEntry For(string sagaId, SagaRecord record, TimeSpan recoveryInterval) => new()
    {
        Pattern = PatternNames.Saga,
        Key = sagaId,
        Status = record.Phase.ToString(),
        SummaryJson = JsonSerializer.Serialize(
            new { definition = record.Definition, version = record.Version, reason = record.StuckReason ?? record.CompensationReason }),
        WakeIn = record.Phase is SagaPhase.Running or SagaPhase.Compensating ? recoveryInterval : null,
        Version = record.Revision,
    };
}
