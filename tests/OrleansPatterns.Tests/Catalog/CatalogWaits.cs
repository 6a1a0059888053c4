using OrleansPatterns.Catalog;

namespace OrleansPatterns.Tests.Catalog;

/// <summary>Waits for rows that are written beside what they show.</summary>
internal static class CatalogWaits
{
    /// <summary>Waits until a row is as expected.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="key">The key.</param>
    /// <param name="expected">The status, a space and the summary; <see langword="null"/>: no row.</param>
    internal static Task<CatalogEntry?> UntilAsync(this ICatalog catalog, string pattern, string key, string? expected) =>
        UntilAsync(catalog, pattern, key, static row => $"{row.Status} {row.SummaryJson}", expected);

    /// <summary>Waits until a row has a status.</summary>
    internal static Task UntilStatusAsync(this ICatalog catalog, string pattern, string key, string expected) =>
        UntilAsync(catalog, pattern, key, static row => row.Status, expected);

    private static async Task<CatalogEntry?> UntilAsync(
        ICatalog catalog, string pattern, string key, Func<CatalogEntry, string> show, string? expected)
    {
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var row = await catalog.FindAsync(pattern, key, TestContext.Current.CancellationToken);
            var found = row is null ? null : show(row);
            if (found == expected)
            {
                return row;
            }

            Assert.False(net.IsCancellationRequested, $"The row of {pattern} '{key}' is '{found}' and not '{expected}'.");
        }
    }
}
