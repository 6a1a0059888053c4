using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Server.Discovery;

/// <content>The catalog row of the whole service, which its first list keeps.</content>
internal sealed partial class ServiceGrain
{
    /// <summary>How often the first list looks at the others, which do not tell it of each change.</summary>
    private static readonly TimeSpan WholeEvery = TimeSpan.FromSeconds(10);

    private CatalogRow? _row;

    private void ShowRow()
    {
        // Who only asks, after whatever name, makes no row.
        if (_shard == 0 && Watchers.Snapshot.Version > 0)
        {
            _row ??= new CatalogRow(this, _catalog, DescribeRowAsync, Shards > 1 ? WholeEvery : Timeout.InfiniteTimeSpan, _time, _logger);
            _row.Show();
        }
    }

    private async Task<CatalogEntry?> DescribeRowAsync()
    {
        var own = Watchers.Snapshot;
        return ServiceCatalogRow.For(_service, own.Shards > 1 ? await WholeAsync(own) : own, own.Version);
    }
}
