using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>A key in a list.</summary>
internal sealed record IdempotencyItemView(string Scope, string Key, string Status, DateTimeOffset UpdatedAt)
{
    internal static IdempotencyItemView Of(CatalogEntry row)
    {
        var key = IdempotencyKey.Split(row.Key);
        return new IdempotencyItemView(key.Scope, key.Key, row.Status, row.UpdatedAt);
    }
}
