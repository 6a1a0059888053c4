using OrleansPatterns.Catalog;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>What every list can be asked for.</summary>
/// <param name="Search">Part of the key, compared character by character.</param>
/// <param name="Limit">How many, 1 to 200; 50 if it is not said.</param>
/// <param name="Cursor">Where to go on: <c>next</c> of the page before.</param>
internal readonly record struct ListRequest(string? Search, int? Limit, string? Cursor)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <exception cref="ArgumentException">It is out of bounds.</exception>
    internal int Size => Limit is null or (>= 1 and <= MaxLimit)
        ? Limit ?? DefaultLimit
        : throw new ArgumentException($"'limit' is {Limit}; it must be 1 to {MaxLimit}.");

    /// <summary>One more than the page has, which tells whether there is another.</summary>
    internal CatalogQuery Query(string pattern, string? status) => new()
    {
        Pattern = pattern,
        Statuses = string.IsNullOrEmpty(status) ? [] : [status],
        KeyContains = Search,
        After = string.IsNullOrEmpty(Cursor) ? null : Cursor,
        MaxCount = Size + 1,
    };
}
