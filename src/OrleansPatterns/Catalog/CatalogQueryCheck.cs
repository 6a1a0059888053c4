using System.Text.Json;

namespace OrleansPatterns.Catalog;

/// <summary>What every catalog refuses before it asks anybody.</summary>
internal static class CatalogQueryCheck
{
    internal static void ThrowIfInvalid(CatalogQuery query)
    {
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
