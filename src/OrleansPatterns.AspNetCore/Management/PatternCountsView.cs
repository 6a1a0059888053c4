namespace OrleansPatterns.AspNetCore.Management;

/// <param name="Counts">How many there are, by status.</param>
internal sealed record PatternCountsView(IReadOnlyDictionary<string, int> Counts);
