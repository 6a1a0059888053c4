namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>One of the systems that do the same thing in a case.</summary>
/// <param name="System">Its name in the table.</param>
/// <param name="MeasureAsync">Works for about so long and answers in the case's unit; a failed operation throws.</param>
internal sealed record Contender(string System, Func<TimeSpan, Task<double>> MeasureAsync)
{
    /// <summary>Why there is no figure, if there is none.</summary>
    internal string? NotMeasured { get; private init; }

    internal static Contender Missing(string system, string reason) =>
        new(system, _ => throw new InvalidOperationException($"{system} is not measured.")) { NotMeasured = reason };
}
