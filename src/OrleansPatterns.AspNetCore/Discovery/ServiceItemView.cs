using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>A service in a list.</summary>
internal sealed record ServiceItemView(string Name, string Status, int Instances, int Available, int Shards, DateTimeOffset UpdatedAt)
{
    internal static ServiceItemView Of(CatalogEntry row)
    {
        var listing = JsonSerializer.Deserialize<ServiceListing>(row.SummaryJson, JsonSerializerOptions.Web) ?? new ServiceListing();
        return new ServiceItemView(row.Key, row.Status, listing.Instances, listing.Available, listing.Shards, row.UpdatedAt);
    }
}
