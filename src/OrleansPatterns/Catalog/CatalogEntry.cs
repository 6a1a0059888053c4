namespace OrleansPatterns.Catalog;

/// <summary>One row of the catalog.</summary>
/// <remarks>
/// Due times are durations from now and not instants, so that only the clock of the catalog itself counts. On reading, too, they are what
/// is left at that moment; less than zero is overdue.
/// </remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.CatalogEntry")]
public sealed record CatalogEntry
{
    /// <summary>The pattern: <c>saga</c>, <c>lock</c>, ... Also the last part of the grain's type.</summary>
    [Id(0)]
    public required string Pattern { get; init; }

    /// <summary>The user's key, without the pattern's prefix.</summary>
    [Id(1)]
    public required string Key { get; init; }

    /// <summary>The state by which people search, for instance <c>Compensating</c>.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary>What a list shows beside the status: a JSON object. Default <c>{}</c>.</summary>
    [Id(3)]
    public string SummaryJson { get; init; } = "{}";

    /// <summary>In how long <see cref="IWakeable.WakeAsync"/> is due; <see langword="null"/> (default): never.</summary>
    [Id(4)]
    public TimeSpan? WakeIn { get; init; }

    /// <summary>In how long the row may be removed by a sweeper; <see langword="null"/> (default): never.</summary>
    [Id(5)]
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Grows with each change of the grain's state. A row with a lower version never overwrites a higher one.</summary>
    [Id(6)]
    public required long Version { get; init; }

    /// <summary>
    /// When the row was last written, by the catalog's clock; one that expires, and is written again as it was so that it does not, keeps it. Ignored on
    /// writing.
    /// </summary>
    [Id(7)]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the row was first written since it was last removed, by the catalog's clock. Ignored on writing.</summary>
    [Id(8)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where in a list the row is: what <see cref="CatalogQuery.After"/> goes on behind. Opaque.</summary>
    public string Cursor => new CatalogCursor(UpdatedAt, Key).ToString();
}
