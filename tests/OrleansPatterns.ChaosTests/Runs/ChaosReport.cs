using System.Globalization;
using System.Text;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Runs;

/// <summary>What came of a run.</summary>
/// <param name="Seed">What the run came from.</param>
/// <param name="Length">How long the nemesis was at it.</param>
/// <param name="Faults">How many faults of each kind.</param>
/// <param name="Patterns">What each pattern was asked for.</param>
/// <param name="Violations">What must not have happened.</param>
/// <param name="Measures">What was measured besides, in sentences.</param>
internal sealed record ChaosReport(
    int Seed,
    TimeSpan Length,
    IReadOnlyDictionary<FaultKind, int> Faults,
    IReadOnlyList<PatternTally> Patterns,
    IReadOnlyList<string> Violations,
    IReadOnlyList<string> Measures)
{
    /// <summary>As Markdown.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Seed {Seed}, {Length.TotalMinutes:0.#} minutes, {Faults.Values.Sum()} faults:");
        text.AppendJoin(", ", Faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Key} {fault.Value}")).AppendLine(".").AppendLine();
        text.AppendLine("| pattern | operations | refused | unknown | longest time without an answer | violations |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var pattern in Patterns)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {pattern.Pattern} | {pattern.Operations:#,0} | {pattern.Refused:#,0} | {pattern.Unknown:#,0} | {pattern.LongestGap.TotalSeconds:0.0} s | {pattern.Violations} |");
        }

        text.AppendLine().AppendJoin("\n\n", Measures.Concat(Violations));
        return text.ToString();
    }
}
