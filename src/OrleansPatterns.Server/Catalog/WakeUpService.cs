using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Wakes the grains of the catalog's due rows. Runs in every silo; the catalog sees to it that they share the work.</summary>
internal sealed class WakeUpService(
    ICatalog catalog, IGrainFactory grains, IOptions<WakeUpOptions> options, TimeProvider time, ILogger<WakeUpService> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // Not disposed: it holds nothing, and Dispose and stop may come in either order.
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(WakeUpService),
            ServiceLifecycleStage.Active,
            _ =>
            {
                var loop = new WakeUpLoop(catalog, WakeAsync, options.Value, time, logger);
                _running = Task.Run(() => loop.RunAsync(_stopping.Token), CancellationToken.None);
                return Task.CompletedTask;
            },
            async _ =>
            {
                await _stopping.CancelAsync();
                await _running;
            });

    /// <summary>For a host that is thrown away without being stopped.</summary>
    public void Dispose() => _stopping.Cancel();

    private Task WakeAsync(DueWakeUp due)
    {
        var grainId = GrainKeys.GrainIdFor(due.Pattern, ResourceKey.Parse(due.Key));
        return grains.GetGrain(grainId).AsReference<IWakeable>().WakeAsync();
    }
}
