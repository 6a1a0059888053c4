using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>The same figures for people, for programs and for the repository.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly string[] Columns = ["case", "system", "unit", "median", "min", "max", "ours is better by"];

    internal static void Show(IReadOnlyList<Measurement> measurements)
    {
        foreach (var area in measurements.GroupBy(measurement => measurement.Area))
        {
            var table = new Table { Title = new TableTitle(area.Key), Border = TableBorder.Markdown };
            foreach (var column in Columns)
            {
                table.AddColumn(column);
            }

            foreach (var measurement in area)
            {
                table.AddRow([.. Row(measurement).Select(Markup.Escape)]);
            }

            // A table that is cut to the width of a terminal would be no record.
            AnsiConsole.Profile.Width = 200;
            AnsiConsole.Write(table);
        }
    }

    /// <summary>One JSON object a line: <c>{area, case, system, unit, median, min, max, ratio}</c>.</summary>
    internal static Task WriteJsonAsync(string path, IEnumerable<Measurement> measurements) =>
        File.WriteAllLinesAsync(path, measurements.Select(measurement => JsonSerializer.Serialize(measurement, Json)));

    /// <summary>The tables of a run as Markdown, with what was run and on what.</summary>
    internal static Task WriteMarkdownAsync(string path, IReadOnlyList<Measurement> measurements, BenchmarkArguments arguments, DateOnly date)
    {
        var text = new StringBuilder()
            .AppendLine("# Results")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"`{arguments.Area} --seconds {arguments.Duration.TotalSeconds} --rounds {arguments.Rounds}` on {date:yyyy-MM-dd}: {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription.Trim()}, {Versions()}.")
            .AppendLine("Ratios of one run can be compared, absolute figures of this machine cannot. What each row does is in README.md.");
        foreach (var area in measurements.GroupBy(measurement => measurement.Area))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {area.Key}").AppendLine()
                .AppendLine(Line(Columns)).AppendLine(Line(Columns.Select(_ => "---")));
            foreach (var measurement in area)
            {
                text.AppendLine(Line(Row(measurement)));
            }
        }

        return File.WriteAllTextAsync(path, text.ToString());
    }

    private static string Versions() => string.Join(", ", new[] { typeof(Grain), typeof(Npgsql.NpgsqlConnection), typeof(Polly.ResiliencePipeline) }
        .Select(type => $"{type.Assembly.GetName().Name} {FileVersionInfo.GetVersionInfo(type.Assembly.Location).ProductVersion?.Split('+', ' ')[0].TrimEnd('.')}")
        .Prepend(RuntimeInformation.FrameworkDescription));

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string[] Row(Measurement measurement) => measurement.NotMeasured is { } reason
        ? [measurement.Case, measurement.System, measurement.Unit, $"not measured: {reason}", "", "", ""]
        :
        [
            measurement.Case, measurement.System, measurement.Unit, Figure(measurement.Median), Figure(measurement.Min), Figure(measurement.Max),
            measurement.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
        ];

    private static string Figure(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
