using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>The catalog row of a service, wholly made from its list.</summary>
internal static class ServiceCatalogRow
{
    /// <summary>A service with instances writes its row again long before; one that has lost them all is shown for so long.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    internal static CatalogEntry For(string service, ServiceSnapshot whole, long version) => new()
    {
        Pattern = PatternNames.Service,
        Key = service,
        Status = StatusOf(whole, whole.Available.Count()).ToString(),
        SummaryJson = JsonSerializer.Serialize(
            new ServiceListing { Instances = whole.Instances.Length, Available = whole.Available.Count(), Shards = whole.Shards }, JsonSerializerOptions.Web),
        ExpiresIn = KeptFor,
        Version = version,
    };

    private static ServiceListingStatus StatusOf(ServiceSnapshot whole, int available) =>
        whole.Instances.IsEmpty ? ServiceListingStatus.Empty
        : whole.IsProtected ? ServiceListingStatus.Protected
        : available == 0 ? ServiceListingStatus.Down
        : available < whole.Instances.Length ? ServiceListingStatus.Degraded
        : ServiceListingStatus.Up;
}
