using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Locks;

namespace OrleansPatterns.AspNetCore.Locks;

/// <summary>A lock in a list.</summary>
internal sealed record LockItemView(string Name, string Status, string? Owner, int Holders, int Waiters, double? HeldForSeconds, DateTimeOffset UpdatedAt)
{
    internal static LockItemView Of(CatalogEntry row, DateTimeOffset now)
    {
        var listing = JsonSerializer.Deserialize<LockListing>(row.SummaryJson, JsonSerializerOptions.Web) ?? new LockListing();
        return new LockItemView(
            row.Key, row.Status, listing.Owner, listing.Holders, listing.Waiters, listing.Since is { } since ? Math.Max(0, (now - since).TotalSeconds) : null, row.UpdatedAt);
    }
}
