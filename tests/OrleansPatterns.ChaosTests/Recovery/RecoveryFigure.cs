using System.Globalization;

namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>How long the keys of a pattern were without an answer because of a fault.</summary>
/// <param name="Fault">What happened.</param>
/// <param name="Pattern">What was asked for.</param>
/// <param name="Hit">For each key of the silo: the longest time from one answer to the next.</param>
/// <param name="Others">Likewise for the keys of the other silos.</param>
internal sealed record RecoveryFigure(string Fault, string Pattern, IReadOnlyList<TimeSpan> Hit, IReadOnlyList<TimeSpan> Others)
{
    internal const string Header =
        """
        | what happens | pattern | keys hit | median | longest | others' longest |
        | --- | --- | --- | --- | --- | --- |
        """;

    /// <summary>A line of a table in Markdown.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"| {Fault} | {Pattern} | {Hit.Count} | {Seconds(Median(Hit))} | {Seconds(Longest(Hit))} | {Seconds(Longest(Others))} |");

    private static TimeSpan? Median(IReadOnlyList<TimeSpan> times) => times is [] ? null : times.Order().ElementAt(times.Count / 2);

    private static TimeSpan? Longest(IReadOnlyList<TimeSpan> times) => times is [] ? null : times.Max();

    private static string Seconds(TimeSpan? time) =>
        time is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:0.0} s") : "";
}
