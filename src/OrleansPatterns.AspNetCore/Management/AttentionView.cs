using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Something that somebody should look at.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Scope">Of an idempotency key: its scope.</param>
/// <param name="Key">The key.</param>
/// <param name="Status">Its status.</param>
/// <param name="Reason">Why it is so; null: it does not say.</param>
/// <param name="Since">Since when, at the least.</param>
internal sealed record AttentionView(string Pattern, string? Scope, string Key, string Status, string? Reason, DateTimeOffset Since)
{
    internal static AttentionView Of(CatalogEntry row)
    {
        using var summary = JsonDocument.Parse(row.SummaryJson);
        var reason = summary.RootElement.TryGetProperty("reason", out var text) ? text.GetString() : null;
        var (scope, key) = row.Pattern == PatternNames.Idempotency && IdempotencyKey.Split(row.Key) is var split ? (split.Scope, split.Key) : (null, row.Key);
        return new AttentionView(row.Pattern, scope, key, row.Status, reason, row.UpdatedAt);
    }
}
