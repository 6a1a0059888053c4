using System.Text.Json;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Server.CircuitBreakers;

/// <summary>The catalog row of a breaker, wholly made from its record.</summary>
internal static class BreakerCatalogRow
{
    /// <summary>A breaker that is in use writes its row again long before. One that is held by hand stays until it is closed, or that has expired.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    internal static CatalogEntry For(string dependency, BreakerRecord record)
    {
        var last = record.History is [.., var latest] ? latest : null;
        return new CatalogEntry
        {
            Pattern = PatternNames.Breaker,
            Key = dependency,
            Status = StateOf(record).ToString(),
            SummaryJson = JsonSerializer.Serialize(
                new BreakerListing { Reason = last?.Reason, Author = last?.Author, Since = last?.At }, JsonSerializerOptions.Web),
            ExpiresIn = record.Override is { } byHand ? byHand.ExpiresAfter + KeptFor : KeptFor,
            Version = record.Version,
        };
    }

    private static BreakerState StateOf(BreakerRecord record) =>
        record.Override?.State
        ?? (record.Cluster.State != BreakerState.Closed ? record.Cluster.State
            : record.Callers.Values.Any(own => own.State != BreakerState.Closed) ? BreakerState.LocalOpen
            : BreakerState.Closed);
}
