using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>The saga's row in the catalog: by it people find the saga, and it wakes the saga whatever became of its activation.</summary>
/// <remarks>
/// A record that needs somebody to see to it is written only when the row will wake the saga soon enough; so a crash between the two, in either order,
/// leaves a saga that is woken too early and never one that is not woken.
/// </remarks>
internal sealed partial class SagaGrain
{
    /// <summary>How soon what could not be done is tried again: where the definition was missing, the parent not to be reached, there was no room.</summary>
    private static readonly TimeSpan AgainIn = TimeSpan.FromSeconds(30);

    /// <summary>How soon a child that is kept for its parent asks again whether it still is needed.</summary>
    private static readonly TimeSpan StillNeededIn = TimeSpan.FromHours(1);

    /// <summary>When the row wakes the saga, as far as this activation knows; null: never, or not known.</summary>
    private DateTimeOffset? _rowWakesAt;

    /// <summary>In how long the saga needs to be woken if nothing else happens; null: never.</summary>
    private TimeSpan? WakeIn(SagaRecord current, SagaDefinition? definition)
    {
        switch (current)
        {
            case { Phase: SagaPhase.None }:
                return null;
            case { IsFinal: true }:
                return NotNegative(current.EndedAt!.Value + options.Value.Retention - Now());
            case { IsAwaitingDefinition: true }:
                return AgainIn;
            case { IsHalted: true }:
                return null;
            case var _ when definition is null || current.Steps.Any(step => step.IsOpen):
                return options.Value.RecoveryInterval;
            default:
                var due = NotNegative(SagaRules.NextDue(definition!, current) - Now());

                // Room is made known by the silo; the row is for when that is gone.
                return SagaRules.IsHeldBack(definition!, current) && !(due < AgainIn) ? AgainIn : due;
        }
    }

    /// <summary>Whether the saga is at work, so that its row wakes it all the time and need not be written for each change.</summary>
    private bool IsAtWork(SagaRecord current, SagaDefinition? definition) =>
        current.Phase is SagaPhase.Running or SagaPhase.Compensating && WakeIn(current, definition) <= options.Value.RecoveryInterval;

    private static TimeSpan? NotNegative(TimeSpan? duration) => duration < TimeSpan.Zero ? TimeSpan.Zero : duration;

    /// <summary>
    /// Before a record is written: the row must wake the saga soon, whatever it comes to. Its row has to be written afterwards, its parent to be told, its next
    /// attempt to be run.
    /// </summary>
    private async Task AnnounceAsync(SagaRecord before, SagaRecord next, SagaDefinition? definition)
    {
        if (next.Phase != SagaPhase.None && !(_rowWakesAt <= Now() + options.Value.RecoveryInterval))
        {
            // With the version of the record to come: a row that is still being written of the record that is there must not replace it.
            var announced = (before.Phase == SagaPhase.None ? next : before) with { Revision = next.Revision };
            await WriteRowAsync(announced, definition, options.Value.RecoveryInterval);
        }
    }

    /// <summary>
    /// After a record is written: people see where it stands, and the saga is not woken before it need be. The record is the truth; a row that could not be
    /// written is still due, and is repaired when its saga is woken.
    /// </summary>
    private async Task ShowAsync(SagaRecord before, SagaRecord next, SagaDefinition? definition)
    {
        var isNews = before.Phase != next.Phase && (before.Phase, next.Phase) != (SagaPhase.None, SagaPhase.Running);
        if (next.Phase == SagaPhase.None || (!isNews && IsAtWork(next, definition)))
        {
            return;
        }

        if (isNews)
        {
            instruments.Changed(next);
            LogPhase(_sagaId, next.Phase, next.StuckReason ?? next.CompensationReason);
            if (next.IsFinal)
            {
                SagaTelemetry.Ended(_sagaId, next);
            }
        }

        try
        {
            var isHeard = await TryTellParentAsync();
            await WriteRowAsync(next, definition, isHeard ? WakeIn(next, definition) : options.Value.RecoveryInterval);
        }
        catch (Exception exception)
        {
            LogRowFailed(exception, _sagaId);
        }
    }

    private Task WriteRowAsync(SagaRecord current, SagaDefinition? definition) => WriteRowAsync(current, definition, WakeIn(current, definition));

    private async Task WriteRowAsync(SagaRecord current, SagaDefinition? definition, TimeSpan? wakeIn)
    {
        _rowWakesAt = null;
        var before = definition is null ? await catalog.FindAsync(PatternNames.Saga, _sagaId) : null;
        await catalog.UpsertAsync(SagaCatalogRow.For(_sagaId, current, definition, wakeIn, before));
        _rowWakesAt = Now() + wakeIn;
    }
}
