using System.Text.RegularExpressions;

namespace OrleansPatterns.Tests.Telemetry;

/// <summary>The tables of <c>docs/telemetry.md</c>.</summary>
internal static partial class TelemetryDocument
{
    /// <summary>The rows of the table with this first heading, without heading and rule, cell by cell.</summary>
    internal static IReadOnlyList<string[]> Rows(string firstHeading)
    {
        var lines = Read().Split('\n');
        var heading = Array.FindIndex(lines, line => line.StartsWith($"| {firstHeading} |", StringComparison.Ordinal));
        Assert.True(heading >= 0, $"docs/telemetry.md has no table that begins with '{firstHeading}'.");
        return [.. lines.Skip(heading + 2).TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
    }

    /// <summary>What stands in backticks.</summary>
    internal static IEnumerable<string> Code(string cell) => Quoted().Matches(cell).Select(match => match.Groups[1].Value);

    private static string Read()
    {
        using var reader = new StreamReader(typeof(TelemetryDocument).Assembly.GetManifestResourceStream("telemetry.md")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
