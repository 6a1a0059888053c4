using System.Text.Json;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>The rules of the PostgreSQL catalog on rows in memory. Not safe for concurrent use.</summary>
internal sealed class MemoryCatalogTable(TimeProvider time)
{
    private readonly Dictionary<(string Pattern, string Key), Row> _rows = [];

    internal void Upsert(CatalogEntry entry)
    {
        var id = (entry.Pattern, entry.Key);
        if (!_rows.TryGetValue(id, out var row) || row.Entry.Version <= entry.Version)
        {
            var now = time.GetUtcNow();
            var isRefreshed = entry.ExpiresIn is not null && row?.Entry.Status == entry.Status && row.Entry.SummaryJson == entry.SummaryJson;
            var written = entry with { UpdatedAt = isRefreshed ? row!.Entry.UpdatedAt : now, CreatedAt = row?.Entry.CreatedAt ?? now };
            _rows[id] = new Row(written, WakeAt: now + entry.WakeIn, ExpiresAt: now + entry.ExpiresIn);
        }
    }

    internal void Remove(string pattern, string key, long version)
    {
        if (_rows.TryGetValue((pattern, key), out var row) && row.Entry.Version <= version)
        {
            _rows.Remove((pattern, key));
        }
    }

    internal CatalogEntry? Find(string pattern, string key) => _rows.GetValueOrDefault((pattern, key))?.EntryAt(time.GetUtcNow());

    internal IReadOnlyList<CatalogEntry> List(CatalogQuery query)
    {
        var now = time.GetUtcNow();
        using var wanted = query.SummaryContains is null ? null : JsonDocument.Parse(query.SummaryContains);
        var after = query.After is { } text && CatalogCursor.TryParse(text, out var cursor) ? cursor : null;
        return
        [
            .. Of(query.Pattern, now)
                .Where(row => query.Statuses.IsEmpty || query.Statuses.Contains(row.Entry.Status))
                .Where(row => row.Entry.Key.Contains(query.KeyContains ?? "", StringComparison.Ordinal))
                .Where(row => after is not { } last || IsBehind(row.Entry, last))
                .Where(row => query.MinAge is null || now - row.Entry.CreatedAt >= query.MinAge)
                .Where(row => query.MinIdle is null || now - row.Entry.UpdatedAt >= query.MinIdle)
                .Where(row => wanted is null || SummaryContains(row.Entry, wanted.RootElement))
                .OrderByDescending(row => row.Entry.UpdatedAt)
                .ThenByDescending(row => row.Entry.Key, StringComparer.Ordinal)
                .Take(query.MaxCount)
                .Select(row => row.EntryAt(now)),
        ];
    }

    internal Dictionary<string, int> Count(string pattern) =>
        Of(pattern, time.GetUtcNow()).CountBy(row => row.Entry.Status).ToDictionary(count => count.Key, count => Math.Min(count.Value, ICatalog.CountLimit));

    internal IReadOnlyList<DueWakeUp> ClaimDue(int maxCount, TimeSpan lease)
    {
        var now = time.GetUtcNow();
        var due = _rows.Where(pair => pair.Value.WakeAt <= now).OrderBy(pair => pair.Value.WakeAt).Take(maxCount).ToList();
        foreach (var (id, row) in due)
        {
            _rows[id] = row with { WakeAt = now + lease };
        }

        return [.. due.Select(pair => new DueWakeUp(pair.Key.Pattern, pair.Key.Key))];
    }

    private IEnumerable<Row> Of(string pattern, DateTimeOffset now)
    {
        foreach (var (id, _) in _rows.Where(row => row.Value.ExpiresAt <= now).ToList())
        {
            _rows.Remove(id);
        }

        return _rows.Values.Where(row => row.Entry.Pattern == pattern);
    }

    private static bool IsBehind(CatalogEntry entry, CatalogCursor last) =>
        entry.UpdatedAt < last.UpdatedAt || (entry.UpdatedAt == last.UpdatedAt && string.CompareOrdinal(entry.Key, last.Key) < 0);

    private static bool SummaryContains(CatalogEntry entry, JsonElement wanted)
    {
        using var summary = JsonDocument.Parse(entry.SummaryJson);
        return JsonContainment.Contains(summary.RootElement, wanted);
    }

    private sealed record Row(CatalogEntry Entry, DateTimeOffset? WakeAt, DateTimeOffset? ExpiresAt)
    {
        internal CatalogEntry EntryAt(DateTimeOffset now) => Entry with { WakeIn = WakeAt - now, ExpiresIn = ExpiresAt - now };
    }
}
