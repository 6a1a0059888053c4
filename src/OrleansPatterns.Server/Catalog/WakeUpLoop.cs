using Microsoft.Extensions.Logging;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Takes due rows and begins their deliveries. It never waits for a delivery unless there is no room for another one.</summary>
internal sealed partial class WakeUpLoop(
    ICatalog catalog, Func<DueWakeUp, Task> wake, WakeUpOptions options, TimeProvider time, ILogger logger)
{
    private readonly DeliverySlots _slots = new(options.MaxInFlight);
    private readonly WakeUpDelivery _delivery = new(wake, options, time, logger);
    private readonly int _batchSize = Math.Min(options.BatchSize, options.MaxInFlight);

    /// <summary>Runs until the silo stops. What was taken and not delivered by then comes due again after the lease.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.PollInterval, time);
        try
        {
            Task tick = timer.WaitForNextTickAsync(stopping).AsTask();
            var isMoreDue = false;
            while (true)
            {
                // With a backlog the next claim is made as soon as it can be a full one; a claim for each place that becomes free would be a
                // query a delivery.
                await (isMoreDue ? Task.WhenAny(tick, _slots.WhenFreeAsync(_batchSize)) : tick);
                stopping.ThrowIfCancellationRequested();
                if (tick.IsCompleted)
                {
                    tick = timer.WaitForNextTickAsync(stopping).AsTask();
                }

                isMoreDue = await ClaimAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await _slots.WhenFreeAsync(options.MaxInFlight);
        }
    }

    /// <summary>Takes batches while they are full and there is room. A fault ends the round only: the database may be away, and comes back.</summary>
    /// <returns>Whether more rows may be due than there was room for.</returns>
    private async Task<bool> ClaimAsync(CancellationToken stopping)
    {
        try
        {
            int count;
            IReadOnlyList<DueWakeUp> due;
            do
            {
                count = Math.Min(_batchSize, _slots.Free);
                if (count == 0)
                {
                    return true;
                }

                due = await catalog.ClaimDueAsync(count, options.DeliveryLease, stopping);
                foreach (var row in due)
                {
                    _slots.Take();
                    _ = DeliverAsync(row, stopping);
                }
            }
            while (due.Count == count && _slots.Free >= _batchSize);
            return due.Count == count;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogRoundFailed(exception);
            return false;
        }
    }

    private async Task DeliverAsync(DueWakeUp due, CancellationToken stopping)
    {
        try
        {
            await _delivery.RunAsync(due, stopping);
        }
        finally
        {
            _slots.GiveBack();
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "Looking for due wake-ups failed; it is tried again at the next poll.")]
    private partial void LogRoundFailed(Exception exception);
}
