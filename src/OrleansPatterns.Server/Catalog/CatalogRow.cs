using Microsoft.Extensions.Logging;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>Keeps the row of a grain in the catalog, for people to find it by. Beside the grain's work: nobody waits for it.</summary>
/// <remarks>
/// A row that could not be written is written later. One that is left behind, because its silo has died, expires, or the next activation overwrites it.
/// </remarks>
/// <param name="grain">Whose row it is.</param>
/// <param name="catalog">The catalog.</param>
/// <param name="describe">The row as it has to be now; <see langword="null"/>: there is nothing to show any more.</param>
/// <param name="lookEvery">How often it is compared with the grain; <see cref="Timeout.InfiniteTimeSpan"/>: when the grain says so.</param>
/// <param name="time">This silo's clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class CatalogRow(
    IGrainBase grain, ICatalog catalog, Func<Task<CatalogEntry?>> describe, TimeSpan lookEvery, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private IGrainTimer? _timer;
    private CatalogEntry? _written;
    private long _writtenAt;
    private bool _isLooking;
    private bool _isStale;

    /// <summary>Whether the row is kept: it is there, or about to be.</summary>
    internal bool IsShown { get; private set; }

    /// <summary>Begins to keep the row, or has it compared.</summary>
    /// <param name="after">In how long. Default: at once.</param>
    internal void Show(TimeSpan after = default)
    {
        IsShown = true;
        if (_isLooking)
        {
            _isStale = true;
            return;
        }

        _timer ??= grain.RegisterGrainTimer(
            LookAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private async Task LookAsync()
    {
        (_isLooking, _isStale) = (true, false);
        var next = RetryPause;
        try
        {
            var entry = await describe();
            if (entry is null)
            {
                await RemoveAsync();
                next = Timeout.InfiniteTimeSpan;
            }
            else
            {
                await WriteAsync(entry);
                var refresh = entry.ExpiresIn / 4 ?? Timeout.InfiniteTimeSpan;
                next = lookEvery == Timeout.InfiniteTimeSpan || (refresh > TimeSpan.Zero && refresh < lookEvery) ? refresh : lookEvery;
            }
        }
        catch (Exception exception)
        {
            LogNotWritten(exception, grain.GrainContext.GrainId);
        }

        _isLooking = false;
        _timer?.Change(_isStale ? TimeSpan.Zero : next, Timeout.InfiniteTimeSpan);
    }

    private async Task WriteAsync(CatalogEntry entry)
    {
        if (_written is { } written
            && entry == (written with { Version = entry.Version })
            && !(time.GetElapsedTime(_writtenAt) >= entry.ExpiresIn / 4))
        {
            return;
        }

        var startedAt = time.GetTimestamp();
        await catalog.UpsertAsync(entry);
        (_written, _writtenAt) = (entry, startedAt);
    }

    private async Task RemoveAsync()
    {
        // Whoever comes meanwhile has it looked at once more.
        IsShown = false;
        if (_written is { } written)
        {
            await catalog.RemoveAsync(written.Pattern, written.Key, written.Version);
            _written = null;
        }
    }

    [LoggerMessage(6101, LogLevel.Warning, "The catalog's row of {Grain} could not be written; it is written later.")]
    private partial void LogNotWritten(Exception exception, GrainId grain);
}
