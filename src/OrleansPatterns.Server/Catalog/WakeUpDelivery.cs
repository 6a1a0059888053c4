using Microsoft.Extensions.Logging;
using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Catalog;

/// <summary>
/// Wakes one grain: while the way to it is broken again and again with growing pauses, until it succeeds or the lease is over and the row comes due by itself.
/// </summary>
/// <remarks>
/// A grain whose silo has just been declared dead is placed anew by the next call, so that a pause is all that its wake-up loses.
/// </remarks>
internal sealed partial class WakeUpDelivery(Func<DueWakeUp, Task> wake, WakeUpOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    /// <summary>Never throws. Ends at once when the silo stops.</summary>
    internal async Task RunAsync(DueWakeUp due, CancellationToken stopping)
    {
        // Counted from here and not from before the claim: if the database is so slow that a claim's answer takes longer than the lease, the
        // grain must be woken all the same. That another silo wakes it, too, is allowed.
        var startedAt = time.GetTimestamp();
        var pause = Shorter(options.PollInterval, MaxPause);
        for (var tries = 1; ; tries++)
        {
            try
            {
                await TryAsync(due, LeftSince(startedAt), stopping);
                return;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (pause >= LeftSince(startedAt) || !TransientFaults.IsTransient(exception))
                {
                    // A grain that answers with a fault of its own is not asked again and again, or enough of them would take the place of all others.
                    LogWakeFailed(exception, due.Pattern, due.Key, tries);
                    return;
                }

                LogTryFailed(exception, due.Pattern, due.Key, tries, pause);
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            pause = Shorter(2 * pause, MaxPause);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan LeftSince(long startedAt)
    {
        var left = options.DeliveryLease - time.GetElapsedTime(startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task TryAsync(DueWakeUp due, TimeSpan left, CancellationToken stopping)
    {
        var call = wake(due);
        try
        {
            await call.WaitAsync(left, time, stopping);
        }
        catch
        {
            // A call that is given up may fail later, when nobody waits for it any more.
            call.Ignore();
            throw;
        }
    }

    [LoggerMessage(6002, LogLevel.Warning, "Waking {Pattern} '{Key}' failed, tried {Tries} times; it comes due again after the delivery lease.")]
    private partial void LogWakeFailed(Exception exception, string pattern, string key, int tries);

    [LoggerMessage(6003, LogLevel.Debug, "Waking {Pattern} '{Key}' failed at try {Tries}; it is tried again in {Pause}.")]
    private partial void LogTryFailed(Exception exception, string pattern, string key, int tries, TimeSpan pause);
}
