namespace OrleansPatterns.Telemetry;

/// <summary>What an instrument is: a row of the table in <c>docs/telemetry.md</c>.</summary>
internal sealed record MetricDeclaration(string Name, MetricKind Kind, string Unit, string Description, IReadOnlyList<MetricTagDeclaration> Tags);

/// <summary>A tag of an instrument, and what it may be.</summary>
internal sealed record MetricTagDeclaration(string Key, IReadOnlyList<string> Values);
