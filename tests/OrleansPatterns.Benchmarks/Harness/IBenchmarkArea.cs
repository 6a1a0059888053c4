namespace OrleansPatterns.Benchmarks.Harness;

internal interface IBenchmarkArea
{
    string Name { get; }

    /// <summary>Starts what the area needs, and lists its cases. Peers that are not to be had here are listed as such.</summary>
    Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment);
}
