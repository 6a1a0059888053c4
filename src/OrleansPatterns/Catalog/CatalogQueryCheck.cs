using System.Text.Json;

namespace OrleansPatterns.Catalog;

/// <summary>What every catalog refuses before it asks anybody.</summary>
internal static class CatalogQueryCheck
{
    internal const int MaxCountCeiling = 1000;

    internal static void ThrowIfInvalid(CatalogQuery query)
    {
        if (query.MaxCount is < 1 or > MaxCountCeiling)
        {
            throw new ArgumentException($"CatalogQuery.MaxCount is {query.MaxCount}; it must be 1 to {MaxCountCeiling}.", nameof(query));
        }

        if (query.After is { } after && !CatalogCursor.TryParse(after, out _))
        {
            throw new ArgumentException($"CatalogQuery.After is '{after}'; it must be the Cursor of a row.", nameof(query));
        }

        if (query.Statuses.FirstOrDefault(static status => !ResourceKey.IsValid(status)) is { } unknown)
        {
            throw new ArgumentException($"CatalogQuery.Statuses has one of {unknown.Length} characters that no row can have; name those that rows have.", nameof(query));
        }

        if (!string.IsNullOrEmpty(query.KeyContains) && !ResourceKey.IsValid(query.KeyContains))
        {
            throw new ArgumentException(
                $"CatalogQuery.KeyContains has {query.KeyContains.Length} characters; it must be part of a key: at most {ResourceKey.MaxLength} characters, none of them a control character.",
                nameof(query));
        }

        ThrowIfNegative(query.MinAge, nameof(CatalogQuery.MinAge), nameof(query));
        ThrowIfNegative(query.MinIdle, nameof(CatalogQuery.MinIdle), nameof(query));
        if (query.SummaryContains is null)
        {
            return;
        }

        try
        {
            using var wanted = JsonDocument.Parse(query.SummaryContains);
            if (wanted.RootElement.ValueKind == JsonValueKind.Object)
            {
                return;
            }
        }
        catch (JsonException exception)
        {
            throw BadSummaryContains(query, exception);
        }

        throw BadSummaryContains(query);
    }

    internal static ArgumentException BadSummaryContains(CatalogQuery query, Exception? innerException = null) =>
        new($"CatalogQuery.SummaryContains is '{query.SummaryContains}'; it must be a JSON object.", nameof(query), innerException);

    private static void ThrowIfNegative(TimeSpan? value, string property, string parameter)
    {
        if (value < TimeSpan.Zero)
        {
            throw new ArgumentException($"CatalogQuery.{property} is {value}; it must be at least zero.", parameter);
        }
    }
}
