namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>What one system reached in one case, over all rounds.</summary>
internal sealed record Measurement(
    string Area, string Case, string System, string Unit, double? Median, double? Min, double? Max, double? Ratio, string? NotMeasured)
{
    internal static Measurement Of(string area, BenchmarkCase question, Contender contender, IReadOnlyList<double> rounds, double? ours)
    {
        if (contender.NotMeasured is { } reason)
        {
            return new Measurement(area, question.Name, contender.System, question.Unit, null, null, null, null, reason);
        }

        var median = MedianOf(rounds);
        var ratio = ours is null ? (double?)null : question.HigherIsBetter ? ours / median : median / ours;
        return new Measurement(
            area, question.Name, contender.System, question.Unit, median, rounds.Min(), rounds.Max(), ratio is { } factor && double.IsFinite(factor) ? ratio : null,
            NotMeasured: null);
    }

    /// <summary>What such a share of the values does not exceed.</summary>
    internal static double PercentileOf(IReadOnlyCollection<double> values, double share) =>
        values.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(values.Count * share) - 1));

    internal static double MedianOf(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
