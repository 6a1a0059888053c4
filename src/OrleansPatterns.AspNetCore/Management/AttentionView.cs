using System.Text.Json;
using OrleansPatterns.AspNetCore.CircuitBreakers;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.AspNetCore.Locks;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Something that somebody should look at.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Key">The key. Of an idempotency key: scope, slash and key, with / and % in the scope as %2F and %25.</param>
/// <param name="Status">Its status.</param>
/// <param name="Reason">Why it is so; null: it does not say.</param>
/// <param name="Since">Since when, as far as is known.</param>
internal sealed record AttentionView(string Pattern, string Key, string Status, string? Reason, DateTimeOffset Since)
{
    internal static AttentionView Of(CatalogEntry row) => new(row.Pattern, row.Key, row.Status, ReasonOf(row), SinceOf(row));

    private static DateTimeOffset SinceOf(CatalogEntry row) => row.Pattern switch
    {
        PatternNames.Breaker => BreakerItemView.Of(row).Since ?? row.UpdatedAt,

        // Who waits, and for whom, may have changed often since.
        PatternNames.Lock => row.CreatedAt,
        _ => row.UpdatedAt,
    };

    private static string? ReasonOf(CatalogEntry row)
    {
        switch (row.Pattern)
        {
            case PatternNames.Lock:
                var held = LockItemView.Of(row, row.UpdatedAt);
                return held.Owner is { } owner ? $"{held.Waiters} waiting while {owner} holds it" : $"{held.Waiters} waiting";
            case PatternNames.Service:
                var service = ServiceItemView.Of(row);
                return $"{service.Available} of {service.Instances} instances available";
            default:
                using (var summary = JsonDocument.Parse(row.SummaryJson))
                {
                    return summary.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() : null;
                }
        }
    }
}
