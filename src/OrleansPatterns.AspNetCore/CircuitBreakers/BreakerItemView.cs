using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <summary>A breaker in a list.</summary>
internal sealed record BreakerItemView(string Name, string Status, string? Reason, string? Author, DateTimeOffset? Since, DateTimeOffset UpdatedAt)
{
    internal static BreakerItemView Of(CatalogEntry row)
    {
        var listing = JsonSerializer.Deserialize<BreakerListing>(row.SummaryJson, JsonSerializerOptions.Web) ?? new BreakerListing();
        return new BreakerItemView(row.Key, row.Status, listing.Reason, listing.Author, listing.Since, row.UpdatedAt);
    }
}
