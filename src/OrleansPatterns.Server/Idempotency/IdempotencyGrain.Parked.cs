using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>The catalog row of a parked key, by which operators find it. Keys that are not parked have none.</summary>
internal sealed partial class IdempotencyGrain
{
    /// <summary>After how long a row that was written beside a record is compared with it.</summary>
    private static readonly TimeSpan RowCheck = TimeSpan.FromMinutes(1);

    /// <summary>The row is compared with the record, and repaired: a crash may have come between the two.</summary>
    public async Task WakeAsync()
    {
        await ReadAsync();
        if (_state.Record.Status == ExecutionStatus.Parked)
        {
            await _catalog.UpsertAsync(RowOf(_state.Record.ExecutionToken, wakeIn: null));
        }
        else
        {
            // Where the record is gone as well, whatever row there is.
            var version = _state.Record.ExecutionToken is 0 ? long.MaxValue : _state.Record.ExecutionToken;
            await _catalog.RemoveAsync(PatternNames.Idempotency, _key.Value, version);
        }
    }

    /// <summary>Before the record is written, so that no parked key is without a row that leads to it.</summary>
    private async Task AnnounceParkedAsync(IdempotencyRecord before, IdempotencyRecord next)
    {
        if (before.Status == ExecutionStatus.Parked || next.Status == ExecutionStatus.Parked)
        {
            await _catalog.UpsertAsync(RowOf(before.ExecutionToken, RowCheck));
        }
    }

    private async Task ForgetParkedAsync(IdempotencyRecord before, IdempotencyRecord next)
    {
        if (before.Status != ExecutionStatus.Parked || next.Status == ExecutionStatus.Parked)
        {
            return;
        }

        try
        {
            await _catalog.RemoveAsync(PatternNames.Idempotency, _key.Value, next.ExecutionToken);
        }
        catch (Exception exception)
        {
            // The decision stands; the row is compared with it in a minute.
            LogRowNotRemoved(exception, _key);
        }
    }

    private CatalogEntry RowOf(long executionToken, TimeSpan? wakeIn) => new()
    {
        Pattern = PatternNames.Idempotency,
        Key = _key.Value,
        Status = nameof(IdempotencyPhase.Parked),
        WakeIn = wakeIn,
        Version = executionToken,
    };
}
