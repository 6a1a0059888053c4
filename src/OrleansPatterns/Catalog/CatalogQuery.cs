namespace OrleansPatterns.Catalog;

/// <summary>Which rows of the catalog to list.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.CatalogQuery")]
public sealed record CatalogQuery
{
    /// <summary>The pattern, for instance <c>saga</c>.</summary>
    [Id(0)]
    public required string Pattern { get; init; }

    /// <summary>Only rows of this status; <see langword="null"/> (default): all.</summary>
    [Id(1)]
    public string? Status { get; init; }

    /// <summary>At most this many rows. Default 100, at least 1.</summary>
    [Id(2)]
    public int MaxCount { get; init; } = 100;
}
