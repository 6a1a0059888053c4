using System.Text.Json;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.Server.Catalog;

/// <summary>The in-memory twin of the PostgreSQL catalog: same rules, gone with its silo.</summary>
[GrainType(GrainKeys.GrainTypePrefix + "memorycatalog")]
[KeepAlive]
internal sealed class MemoryCatalogGrain(TimeProvider time) : Grain, IMemoryCatalogGrain
{
    private readonly Dictionary<(string Pattern, string Key), Row> _rows = [];

    public Task UpsertAsync(CatalogEntry entry)
    {
        var id = (entry.Pattern, entry.Key);
        if (!_rows.TryGetValue(id, out var row) || row.Entry.Version <= entry.Version)
        {
            var now = time.GetUtcNow();
            var written = entry with { UpdatedAt = now, CreatedAt = row?.Entry.CreatedAt ?? now };
            _rows[id] = new Row(written, WakeAt: now + entry.WakeIn, ExpiresAt: now + entry.ExpiresIn);
        }

        return Task.CompletedTask;
    }

    public Task RemoveAsync(string pattern, string key, long version)
    {
        if (_rows.TryGetValue((pattern, key), out var row) && row.Entry.Version <= version)
        {
            _rows.Remove((pattern, key));
        }

        return Task.CompletedTask;
    }

    public Task<CatalogEntry?> FindAsync(string pattern, string key) =>
        Task.FromResult(_rows.GetValueOrDefault((pattern, key))?.EntryAt(time.GetUtcNow()));

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query)
    {
        var now = time.GetUtcNow();
        using var wanted = query.SummaryContains is null ? null : JsonDocument.Parse(query.SummaryContains);
        return Task.FromResult<IReadOnlyList<CatalogEntry>>(
        [
            .. _rows.Values
                .Where(row => row.Entry.Pattern == query.Pattern && (query.Status is null || row.Entry.Status == query.Status))
                .Where(row => query.MinAge is null || now - row.Entry.CreatedAt >= query.MinAge)
                .Where(row => query.MinIdle is null || now - row.Entry.UpdatedAt >= query.MinIdle)
                .Where(row => wanted is null || SummaryContains(row.Entry, wanted.RootElement))
                .OrderByDescending(row => row.Entry.UpdatedAt)
                .Take(query.MaxCount)
                .Select(row => row.EntryAt(now)),
        ]);
    }

    public Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease)
    {
        var now = time.GetUtcNow();
        var due = _rows.Where(pair => pair.Value.WakeAt <= now).OrderBy(pair => pair.Value.WakeAt).Take(maxCount).ToList();
        foreach (var (id, row) in due)
        {
            _rows[id] = row with { WakeAt = now + lease };
        }

        return Task.FromResult<IReadOnlyList<DueWakeUp>>([.. due.Select(pair => new DueWakeUp(pair.Key.Pattern, pair.Key.Key))]);
    }

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
