using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Polls the catalog for due rows and wakes their grains. Runs in every silo; the catalog sees to it that they share the work.</summary>
internal sealed partial class WakeUpService(
    ICatalog catalog, IGrainFactory grains, IOptions<WakeUpOptions> options, TimeProvider time, ILogger<WakeUpService> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(WakeUpService),
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

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await DeliverDueAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops; what was taken and not delivered comes due again after the lease.
        }
    }

    /// <summary>Takes batches until one is not full. A fault ends the round only: the database may be away, and comes back.</summary>
    private async Task DeliverDueAsync(CancellationToken stopping)
    {
        try
        {
            IReadOnlyList<DueWakeUp> due;
            do
            {
                due = await catalog.ClaimDueAsync(options.Value.BatchSize, options.Value.DeliveryLease, stopping);
                await Task.WhenAll(due.Select(WakeAsync)).WaitAsync(options.Value.DeliveryLease, time, stopping);
            }
            while (due.Count == options.Value.BatchSize);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogRoundFailed(exception);
        }
    }

    /// <summary>One grain that cannot be woken must not hold up the others; its row comes due again.</summary>
    private async Task WakeAsync(DueWakeUp due)
    {
        try
        {
            var grainId = GrainKeys.GrainIdFor(due.Pattern, ResourceKey.Parse(due.Key));
            await grains.GetGrain(grainId).AsReference<IWakeable>().WakeAsync();
        }
        catch (Exception exception)
        {
            LogWakeFailed(exception, due.Pattern, due.Key);
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "Looking for due wake-ups failed; it is tried again at the next poll.")]
    private partial void LogRoundFailed(Exception exception);

    [LoggerMessage(6002, LogLevel.Warning, "Waking {Pattern} '{Key}' failed; it comes due again after the delivery lease.")]
    private partial void LogWakeFailed(Exception exception, string pattern, string key);
}
