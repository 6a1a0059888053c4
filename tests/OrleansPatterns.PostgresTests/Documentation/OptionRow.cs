using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>One option as a page has it.</summary>
/// <param name="Name">The property.</param>
/// <param name="Default">Its default, a remark in brackets or after a comma or colon left alone: <c>15</c>, <c>15 s</c>, <c>1,048,576 (1 MiB)</c>, <c>null</c>, <c>Leased</c>.</param>
/// <param name="Unit">That of the default, where it has none of its own.</param>
internal sealed partial record OptionRow(string Name, string Default, string Unit)
{
    private static readonly Dictionary<string, TimeSpan> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ms"] = TimeSpan.FromMilliseconds(1),
        ["milliseconds"] = TimeSpan.FromMilliseconds(1),
        ["s"] = TimeSpan.FromSeconds(1),
        ["seconds"] = TimeSpan.FromSeconds(1),
        ["min"] = TimeSpan.FromMinutes(1),
        ["minutes"] = TimeSpan.FromMinutes(1),
        ["h"] = TimeSpan.FromHours(1),
        ["hours"] = TimeSpan.FromHours(1),
        ["d"] = TimeSpan.FromDays(1),
        ["days"] = TimeSpan.FromDays(1),
    };

    /// <summary>Whether the page says what the code has.</summary>
    internal bool Says(object? value) => value switch
    {
        null => Starts("null") || Starts("none"),

        // What a function does, or a process is called, is said in words.
        Delegate => Default.Length > 0,
        "" or ICollection { Count: 0 } => Starts("empty") || Starts("none"),
        string text when text.Contains(Environment.MachineName, StringComparison.Ordinal) => Default.Length > 0,
        TimeSpan duration => ReadDuration() == duration,
        bool or Enum => Starts(value.ToString()!),
        string text => Starts(text),
        IEnumerable<string> all => all.Order().SequenceEqual(Default.Split(',', StringSplitOptions.TrimEntries).Order()),
        IConvertible => ReadNumber() == Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        _ => Default.Length > 0,
    };

    private bool Starts(string word) => Regex.IsMatch(Default, $"^{Regex.Escape(word)}(\\W|$)", RegexOptions.IgnoreCase);

    private decimal? ReadNumber() => Value().Match(Default) is { Success: true } found
        ? decimal.Parse(found.Groups["number"].Value, NumberStyles.Number, CultureInfo.InvariantCulture)
        : null;

    private TimeSpan? ReadDuration()
    {
        if (TimeSpan.TryParseExact(Default, "c", CultureInfo.InvariantCulture, out var exact) && Default.Contains(':', StringComparison.Ordinal))
        {
            return exact;
        }

        var unit = Value().Match(Default).Groups["unit"].Value is { Length: > 0 } own ? own : Unit;
        return ReadNumber() is { } number && (Units.TryGetValue(unit, out var one) || Units.TryGetValue(unit + "s", out one)) ? one * (double)number : null;
    }

    [GeneratedRegex("^(?<number>[0-9][0-9,]*(\\.[0-9]+)?) ?(?<unit>[a-z]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Value();
}
