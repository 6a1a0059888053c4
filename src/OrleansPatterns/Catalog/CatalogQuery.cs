using System.Collections.Immutable;

namespace OrleansPatterns.Catalog;

/// <summary>Which rows of the catalog to list.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.CatalogQuery")]
public sealed record CatalogQuery
{
    /// <summary>The pattern, for instance <c>saga</c>.</summary>
    [Id(0)]
    public required string Pattern { get; init; }

    /// <summary>Only rows of one of these statuses; empty (default): all.</summary>
    [Id(6)]
    public ImmutableArray<string> Statuses
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>At most this many rows. Default 100. 1 to 1,000.</summary>
    [Id(2)]
    public int MaxCount { get; init; } = 100;

    /// <summary>Only rows whose <see cref="CatalogEntry.SummaryJson"/> contains this JSON object; <see langword="null"/> (default): all.</summary>
    /// <remarks>
    /// As PostgreSQL's <c>jsonb @&gt;</c>: every member must be there with the same value, objects and arrays inside likewise; the order of an
    /// array and the repetitions in it do not matter. <c>{"definition":"order","step":"pay"}</c> finds the sagas of that definition at that
    /// step. For pattern <c>saga</c> an index answers it; for any other pattern all its rows are read.
    /// </remarks>
    [Id(3)]
    public string? SummaryContains { get; init; }

    /// <summary>
    /// Only rows that were created at least so long ago, by the catalog's clock; <see langword="null"/> (default): all. At least zero.
    /// </summary>
    [Id(4)]
    public TimeSpan? MinAge { get; init; }

    /// <summary>
    /// Only rows that have not been written for at least so long, by the catalog's clock; <see langword="null"/> (default): all. At least zero.
    /// </summary>
    /// <remarks>What is neither ended nor has been written for long is what people look for first.</remarks>
    [Id(5)]
    public TimeSpan? MinIdle { get; init; }

    /// <summary>Only rows whose key contains this, compared ordinally; <see langword="null"/> or empty (default): all.</summary>
    [Id(7)]
    public string? KeyContains { get; init; }

    /// <summary>
    /// Only rows that come behind the one with this <see cref="CatalogEntry.Cursor"/>, for the next page; <see langword="null"/> (default): from the
    /// beginning.
    /// </summary>
    /// <remarks>A row that is written between two pages moves to the front, and is on none of the pages that follow.</remarks>
    [Id(8)]
    public string? After { get; init; }
}
