using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Server.Locks;

/// <content>
/// The catalog row of a lock that somebody waits for or has renewed, and still does or holds 2 s later. Those that are taken and released in between, which is
/// nearly all, have none, and cost a timer at the most.
/// </content>
internal sealed partial class LockGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>After a silo's crash it is shown for so long, unless the next activation shows it. Written anew four times as often.</summary>
    private static readonly TimeSpan RowKeptFor = TimeSpan.FromSeconds(40);

    private CatalogRow? _row;
    private long _rowVersion;
    private (long FencingToken, DateTimeOffset Since) _shownHolder;

    private void ShowRow()
    {
        if (_row is not { IsShown: true } && !_isRetired)
        {
            _row ??= new CatalogRow(this, catalog, DescribeRowAsync, LookEvery, time, logger);
            _row.Show(LookEvery);
        }
    }

    private async Task<CatalogEntry?> DescribeRowAsync()
    {
        if (_rowVersion == 0)
        {
            // An activation that handed its lock on in order has used the same tokens, and counted its rows by them.
            _rowVersion = (await catalog.FindAsync(PatternNames.Lock, _key))?.Version ?? 0;
        }

        var status = LockRules.Describe(_state, Now);
        if (_isRetired || (!status.IsHeld && status.WaiterCount == 0))
        {
            return null;
        }

        var first = status.Holders is [var holder, ..] ? holder : null;
        if (first is not null && first.FencingToken != _shownHolder.FencingToken)
        {
            _shownHolder = (first.FencingToken, time.GetUtcNow() - first.HeldFor);
        }

        // Tokens grow from one activation to the next, and several rows may be written between two.
        _rowVersion = Math.Max(_rowVersion + 1, _state.NextToken << 20);
        return new CatalogEntry
        {
            Pattern = PatternNames.Lock,
            Key = _key,
            Status = (status.WaiterCount > 0 ? LockListingStatus.Contended : LockListingStatus.Held).ToString(),
            SummaryJson = JsonSerializer.Serialize(
                new LockListing
                {
                    Owner = first?.Owner, Holders = status.Holders.Length, Waiters = status.WaiterCount, Since = first is null ? null : _shownHolder.Since,
                },
                JsonSerializerOptions.Web),
            ExpiresIn = RowKeptFor,
            Version = _rowVersion,
        };
    }
}
