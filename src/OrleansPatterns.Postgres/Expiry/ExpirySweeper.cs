using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.Postgres.Expiry;

/// <summary>Removes expired rows while the silo runs. Every silo tries; the database sees to it that one at a time does it.</summary>
internal sealed partial class ExpirySweeper(
    ExpiredRows rows, IOptions<PostgresOptions> options, TimeProvider time, ILogger<ExpirySweeper> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // Not disposed: it holds nothing, and Dispose and stop may come in either order.
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(ExpirySweeper),
            ServiceLifecycleStage.Active,
            _ =>
            {
                _running = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _running;
            });

    /// <summary>For a host that is thrown away without being stopped.</summary>
    public void Dispose() => _stopping.Cancel();

    /// <summary>
    /// Removes what has expired, until little is left or another silo has the turn. A fault ends the round only: the database may be away, and
    /// comes back.
    /// </summary>
    internal async Task SweepAsync(CancellationToken stopping)
    {
        try
        {
            var removed = 0L;
            SweptBatch batch;
            do
            {
                var startedAt = time.GetTimestamp();
                batch = await rows.RemoveBatchAsync(stopping);
                removed += batch.Removed;

                // The others have the database to themselves for as long as this took it.
                await Task.Delay(batch.IsFull ? time.GetElapsedTime(startedAt) : TimeSpan.Zero, time, stopping);
            }
            while (batch.IsFull);
            if (removed > 0)
            {
                LogSwept(removed);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogRoundFailed(exception);
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await SweepAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops; the next one goes on.
        }
    }

    [LoggerMessage(7301, LogLevel.Debug, "{Removed} expired rows removed.")]
    private partial void LogSwept(long removed);

    [LoggerMessage(7302, LogLevel.Warning, "Removing expired rows failed; it is tried again in the next round.")]
    private partial void LogRoundFailed(Exception exception);
}
