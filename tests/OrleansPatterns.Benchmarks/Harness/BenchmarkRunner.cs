namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>
/// Runs every system of a case in every round, each round beginning with another one: what the machine does meanwhile meets all of them.
/// </summary>
internal sealed class BenchmarkRunner(TimeSpan duration, int rounds)
{
    internal async Task<IReadOnlyList<Measurement>> RunAsync(string area, BenchmarkCase question)
    {
        var contenders = question.Contenders.Where(contender => contender.NotMeasured is null).ToList();
        var figures = contenders.ToDictionary(contender => contender.System, _ => new List<double>());
        foreach (var contender in contenders)
        {
            await contender.MeasureAsync(duration);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < contenders.Count; turn++)
            {
                var contender = contenders[(round + turn) % contenders.Count];
                figures[contender.System].Add(await contender.MeasureAsync(duration));
            }
        }

        var ours = question.Contenders[0];
        var reached = ours.NotMeasured is null ? Measurement.MedianOf(figures[ours.System]) : (double?)null;
        return [.. question.Contenders.Select(
            contender => Measurement.Of(area, question, contender, figures.GetValueOrDefault(contender.System, []), reached))];
    }
}
