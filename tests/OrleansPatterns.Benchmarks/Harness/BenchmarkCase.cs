namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>A question, and the systems that answer it.</summary>
/// <param name="Name">The question.</param>
/// <param name="Unit">What a figure counts.</param>
/// <param name="HigherIsBetter">Throughput, or else time or size.</param>
/// <param name="Contenders">The first is ours; ratios are ours to each, above 1 where ours is better.</param>
internal sealed record BenchmarkCase(string Name, string Unit, bool HigherIsBetter, IReadOnlyList<Contender> Contenders)
{
    /// <summary>This case with the systems that were asked for, or nothing when it was not asked for itself.</summary>
    internal IEnumerable<BenchmarkCase> Only(string name, string system)
    {
        var contenders = Contenders.Where(contender => contender.System.Contains(system, StringComparison.OrdinalIgnoreCase)).ToList();
        return Name.Contains(name, StringComparison.OrdinalIgnoreCase) && contenders.Count > 0 ? [this with { Contenders = contenders }] : [];
    }
}
