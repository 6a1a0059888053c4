namespace OrleansPatterns.Catalog;

/// <summary>A row of the catalog whose wake-up time has come.</summary>
/// <param name="Pattern">The pattern, for instance <c>saga</c>.</param>
/// <param name="Key">The user's key.</param>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.DueWakeUp")]
public sealed record DueWakeUp([property: Id(0)] string Pattern, [property: Id(1)] string Key);
